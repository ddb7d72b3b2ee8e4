import { applyDelivery, EMPTY_CONSOLE } from "@kiwimesh/sdk";
import { expect, it } from "vitest";

import { demoSnapshot, summary } from "../../sdk/test/demo-call.ts";
import { forget, keep, lastKnownOf, recall } from "../src/state/last-known.ts";

const AT = Date.parse("2026-03-01T10:00:00Z");
const HOUR_MS = 3600_000;

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

const console_ = applyDelivery(
  EMPTY_CONSOLE,
  demoSnapshot(AT, [summary("c1", { started_at: "2026-03-01T09:59:00Z", headline: "Chest pain", location: "Flat 3A", category: 2 })]),
  AT,
);

it("keeps who waits where, and nothing that was said", () => {
  const store = memory();
  keep(store, lastKnownOf(console_, AT));
  const known = recall(store, AT + 60_000)!;
  expect(known.at).toBe(AT);
  expect(known.calls).toMatchObject([{ headline: "Chest pain", place: "Flat 3A", category: 2, exercise: false }]);
  expect(Object.keys(known.calls[0]!)).not.toContain("lines");
});

it("is of no use after a shift, and gone after signing out", () => {
  const store = memory();
  keep(store, lastKnownOf(console_, AT));
  expect(recall(store, AT + 13 * HOUR_MS)).toBeNull();
  forget(store);
  expect(recall(store, AT)).toBeNull();
});

it("does without a store that is damaged or full", () => {
  expect(recall({ ...memory(), getItem: () => "{broken" }, AT)).toBeNull();
  const full = { ...memory(), setItem: () => { throw new Error("full"); } };
  expect(() => keep(full, lastKnownOf(console_, AT))).not.toThrow();
});
