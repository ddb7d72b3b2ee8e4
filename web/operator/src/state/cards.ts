/** The paper cards, kept in the browser while the server is there, so that they can be printed when it is not. */
const ADDRESS = "/cards.html";
const KEPT = "kiwimesh";

export function keepCards(): void {
  // Only pages over HTTPS (or from this machine) have such a store; the others have the server's address alone.
  if ("caches" in globalThis) void caches.open(KEPT).then((kept) => kept.add(ADDRESS)).catch(() => undefined);
}

/** Opens them in a tab of their own: the server's where it answers, else the kept ones. */
export async function openCards(): Promise<void> {
  const tab = window.open("about:blank", "_blank");
  const fresh = await fetch(ADDRESS).catch(() => null);
  const kept = fresh?.ok || !("caches" in globalThis) ? undefined : await caches.match(ADDRESS);
  const address = kept ? URL.createObjectURL(await kept.blob()) : ADDRESS;
  if (tab) tab.location.href = address;
}
