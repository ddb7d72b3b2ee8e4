/*
 * The crew page without a network: the page itself, and nothing that the server knows of anybody.
 *
 * The page is asked for from the network first, for a few seconds, and comes from the cache where there is none. Each new
 * page is kept together with what it names; files with a hash in their name never change and come from the cache first.
 * Requests to the API are not touched: what a crew has done is kept and sent by the page (src/taps.ts).
 */
const CACHE = "kiwimesh-crew";
const PAGE = "/crew/";
const FILES = ["/crew/manifest.webmanifest", "/crew/icon.svg", "/crew/icon-192.png", "/crew/icon-512.png"];
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && (pathname === PAGE || pathname === "/crew")) event.respondWith(page());
  else if (pathname.startsWith("/crew/")) event.respondWith(file(request));
});

async function keepAll() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES);
  await keepPage(await fetch(PAGE, { cache: "no-cache" }));
}

/** Keeps a page with the files that it names, and forgets those of older pages. Fonts are kept when they are asked for. */
async function keepPage(answer) {
  if (!answer.ok) throw new Error(`the page answered ${answer.status}`);
  const cache = await caches.open(CACHE);
  const named = [...(await answer.clone().text()).matchAll(/\/crew\/assets\/[\w.-]+/g)].map(([path]) => path);
  const missing = [];
  for (const path of named) if (!(await cache.match(path))) missing.push(path);
  await cache.addAll(missing);
  await cache.put(PAGE, answer);
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    const old = /^\/crew\/assets\/.*\.(js|css)$/.test(pathname) && !named.includes(pathname);
    if (old) await cache.delete(url);
  }
}

async function page() {
  try {
    const answer = await fetch(PAGE, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`the page answered ${answer.status}`);
    await keepPage(answer.clone());
    return answer;
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

async function file(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") await (await caches.open(CACHE)).put(request, answer.clone());
  return answer;
}
