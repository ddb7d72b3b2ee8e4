/**
 * The console's place in its outbox. Deliveries are taken in sequence: one seen before is dropped, and a hole means that
 * this connection has lost something, so that the console must connect again and be sent what it missed.
 */
import type { Delivery } from "./contract.ts";

export interface Cursor {
  readonly epoch: string | null;
  readonly seq: number;
}

export type Turn = "next" | "seen" | "hole";

export const START: Cursor = { epoch: null, seq: 0 };

/** What to do with a delivery, and the place after it. A snapshot replaces everything, so that no hole can precede it. */
export function take(cursor: Cursor, delivery: Delivery): [Turn, Cursor] {
  const after: Cursor = { epoch: delivery.epoch, seq: delivery.seq };
  const fresh = delivery.epoch !== cursor.epoch;
  if (!fresh && delivery.seq <= cursor.seq) return ["seen", cursor];
  if (delivery.body.kind === "snapshot") return ["next", after];
  if (fresh || delivery.seq !== cursor.seq + 1) return ["hole", cursor];
  return ["next", after];
}
