import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { Undo, UNDO_MS } from "../src/state/undo.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("sends what cannot be taken back only when the time is over", () => {
  const undo = new Undo();
  const sent = vi.fn();
  undo.later("Closed", sent);
  vi.advanceTimersByTime(UNDO_MS - 1);
  expect(sent).not.toHaveBeenCalled();
  expect(undo.offered.get()?.what).toBe("Closed");
  vi.advanceTimersByTime(1);
  expect(sent).toHaveBeenCalledOnce();
  expect(undo.offered.get()).toBeNull();
});

it("sends nothing of what was undone, and undoes once", () => {
  const undo = new Undo();
  const sent = vi.fn();
  undo.later("Closed", sent);
  undo.undo();
  undo.undo();
  vi.advanceTimersByTime(2 * UNDO_MS);
  expect(sent).not.toHaveBeenCalled();
});

it("does the opposite of what was done already, within the time alone", () => {
  const undo = new Undo();
  const opposite = vi.fn();
  undo.done("Merged", opposite);
  undo.undo();
  expect(opposite).toHaveBeenCalledOnce();
  undo.done("Merged", opposite);
  vi.advanceTimersByTime(UNDO_MS);
  undo.undo();
  expect(opposite).toHaveBeenCalledOnce();
});

it("settles the one before when the next one comes, and whatever waits when the page goes away", () => {
  const undo = new Undo();
  const [first, second] = [vi.fn(), vi.fn()];
  undo.later("One", first);
  undo.later("Two", second);
  expect(first).toHaveBeenCalledOnce();
  undo.settle();
  expect(second).toHaveBeenCalledOnce();
});
