/** What the page decides: which protocols it shows, which comes next, and what a key does. Pure. */
import type { ApprovalState, ProtocolLine } from "@kiwimesh/sdk";

export type Shown = "all" | "open";
export type Deed = "back" | "next" | "sign" | "withdraw";

export function isApproved(state: ApprovalState): boolean {
  return state === "signed";
}

/** Whether a signature can be taken back: also one under words that have changed since. */
export function mayWithdraw(state: ApprovalState): boolean {
  return state === "signed" || state === "changed";
}

/** The most urgent first; of one category by title. */
export function inOrder(lines: readonly ProtocolLine[]): ProtocolLine[] {
  return [...lines].sort((one, other) => one.category - other.category || one.title.localeCompare(other.title));
}

/** What the list shows, for the words that are looked for. */
export function visible(lines: readonly ProtocolLine[], shown: Shown, search: string): ProtocolLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return inOrder(lines).filter((line) => {
    const text = `${line.title} ${line.protocol_id.replaceAll("_", " ")}`.toLowerCase();
    return (shown === "all" || !isApproved(line.state)) && words.every((word) => text.includes(word));
  });
}

/** The next protocol that is not approved, after this one and around; null when there is no other. */
export function nextOpen(lines: readonly ProtocolLine[], from: string): string | null {
  const ordered = inOrder(lines);
  const at = ordered.findIndex((line) => line.protocol_id === from);
  const around = [...ordered.slice(at + 1), ...ordered.slice(0, Math.max(0, at))];
  return around.find((line) => !isApproved(line.state))?.protocol_id ?? null;
}

/** What a key does on a protocol's page; null where it does nothing, or may not. */
export function deedOf(key: string, state: ApprovalState, maySign: boolean): Deed | null {
  if (key === "Escape") return "back";
  if (key.toLowerCase() === "n") return "next";
  if (key.toLowerCase() === "s" && maySign && !isApproved(state)) return "sign";
  if (key.toLowerCase() === "w" && maySign && mayWithdraw(state)) return "withdraw";
  return null;
}
