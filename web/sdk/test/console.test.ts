import { describe, expect, it } from "vitest";

import { applyDelivery, EMPTY_CONSOLE, expectCall, ringingNow, type ConsoleState, type DeliveryBody } from "../src/console.ts";
import { START, take } from "../src/cursor.ts";
import type { Delivery } from "../src/contract.ts";
import { inOrder, lateness } from "../src/queue.ts";
import { CALL_ID, demoLog, demoQueue, demoSnapshot, summary, wordsOf } from "./demo-call.ts";

const NOW = Date.parse("2030-01-01T12:00:00Z");
const started = (second: number) => new Date(NOW - second * 1000).toISOString();

function after(...bodies: DeliveryBody[]): ConsoleState {
  return bodies.reduce((state, body) => applyDelivery(state, body, NOW), expectCall(EMPTY_CONSOLE, CALL_ID));
}

describe("the console", () => {
  it("knows the queue, the seat and the server's clock from a snapshot", () => {
    const state = after(demoSnapshot(NOW + 5000, demoQueue(NOW)));
    expect(state.ready).toBe(true);
    expect(state.queue.size).toBe(8);
    expect(state.clockOffset).toBe(5000);
    expect([...state.rings.keys()]).toEqual(["call-0002", "call-0003"]);
  });

  it("keeps the logs of open calls over a snapshot but not their unsettled words", () => {
    const partial = { channel: "caller", utterance_id: "u9", words: wordsOf("and now", 40) } as const;
    const state = after(
      { kind: "entries", call_id: CALL_ID, entries: demoLog(NOW), complete: true },
      { kind: "partial", call_id: CALL_ID, partial },
      demoSnapshot(NOW, []),
    );
    expect(state.calls.get(CALL_ID)?.view.card?.category).toBe(1);
    expect(state.calls.get(CALL_ID)?.unsettled).toEqual({});
  });

  it("stops ringing when the call is answered elsewhere, and drops a closed call from the queue", () => {
    const ringing = summary("x", { started_at: started(3), state: "ringing" });
    const rung: DeliveryBody = { kind: "ring", call: ringing, step: "ready_seats" };
    expect(after(rung).rings.has("x")).toBe(true);
    expect(after(rung, { kind: "ring_stopped", call_id: "x", reason: "answered" }).rings.size).toBe(0);
    expect(after(rung, { kind: "queue", call: { ...ringing, state: "answered" } }).rings.size).toBe(0);
    expect(after(rung, { kind: "queue", call: { ...ringing, state: "closed" } }).queue.size).toBe(0);
  });

  it("answers the most urgent of the calls that ring, not the first that came", () => {
    const ring = (id: string, category: number | null): DeliveryBody => ({
      kind: "ring",
      call: summary(id, { started_at: started(9), state: "ringing", category }),
      step: "ready_seats",
    });
    expect(ringingNow(after(ring("three", 3), ring("unknown", null), ring("two", 2))).map((call) => call.call_id)).toEqual([
      "unknown",
      "two",
      "three",
    ]);
  });

  it("ignores the log of a call that it does not show", () => {
    const entries = demoLog(NOW).map((entry) => ({ ...entry, call_id: "other" }));
    expect(after({ kind: "entries", call_id: "other", entries, complete: true }).calls.has("other")).toBe(false);
  });
});

describe("the place in the outbox", () => {
  const body: DeliveryBody = { kind: "ring_stopped", call_id: "x", reason: "ended" };
  const delivery = (seq: number, epoch = "e", content: DeliveryBody = body): Delivery => ({ epoch, seq, body: content });
  const at = { epoch: "e", seq: 4 };

  it("takes the next one, drops what was seen, and notices a hole", () => {
    expect(take(at, delivery(5))).toEqual(["next", { epoch: "e", seq: 5 }]);
    expect(take(at, delivery(4))).toEqual(["seen", at]);
    expect(take(at, delivery(6))).toEqual(["hole", at]);
  });

  it("begins anew with a snapshot, of the same epoch or of another", () => {
    const snapshot = demoSnapshot(NOW, []);
    expect(take(START, delivery(1, "e", snapshot))[0]).toBe("next");
    expect(take(at, delivery(9, "e", snapshot))).toEqual(["next", { epoch: "e", seq: 9 }]);
    expect(take(at, delivery(1, "f", snapshot))).toEqual(["next", { epoch: "f", seq: 1 }]);
    expect(take(at, delivery(1, "f"))[0]).toBe("hole");
  });
});

describe("the queue", () => {
  it("puts those who wait first, the unassessed with the most urgent, the longest wait before the shorter", () => {
    const calls = [
      summary("done", { started_at: started(500), state: "ended", category: 1 }),
      summary("talking", { started_at: started(400), category: 1 }),
      summary("three", { started_at: started(90), state: "ringing", category: 3 }),
      summary("unknown", { started_at: started(5), state: "ringing", category: null }),
      summary("one", { started_at: started(9), state: "ringing", category: 1 }),
      summary("five", { started_at: started(200), state: "ringing", category: 5 }),
    ];
    expect(inOrder(calls).map((call) => call.call_id)).toEqual(["one", "unknown", "three", "five", "talking", "done"]);
  });

  it("measures the wait against ten and fifteen seconds", () => {
    expect([0, 9.9, 10, 14.9, 15, 60].map(lateness)).toEqual(["in_time", "in_time", "late", "late", "very_late", "very_late"]);
  });
});
