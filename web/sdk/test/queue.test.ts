import { describe, expect, it } from "vitest";

import { CALM, EVERYTHING, inOrder, passes, sectionOf, surgeAfter, whyCallBack } from "../src/queue.ts";
import { summary } from "./demo-call.ts";

const AT = "2026-03-01T10:00:00Z";
const NOW = Date.parse(AT) + 12_000;

describe("calls to ring back", () => {
  it("are those that nobody answered, and those without a word from the caller", () => {
    const abandoned = summary("a", { started_at: AT, state: "ended", answered_at: null, words_heard: true });
    const silent = summary("s", { started_at: AT, state: "ended", answered_at: AT, words_heard: false });
    const spoken = summary("t", { started_at: AT, state: "ended", answered_at: AT, words_heard: true });
    expect([abandoned, silent, spoken].map(whyCallBack)).toEqual(["abandoned", "silent", null]);
    expect([abandoned, silent, spoken].map(sectionOf)).toEqual(["call_back", "call_back", "to_close"]);
    expect(inOrder([spoken, silent, abandoned]).map((call) => call.call_id)).toEqual(["a", "s", "t"]);
  });

  it("are none while the line is open", () => {
    expect(whyCallBack(summary("r", { started_at: AT, state: "ringing", words_heard: false }))).toBeNull();
  });
});

describe("a supervisor's filter", () => {
  const ringing = summary("r", { started_at: AT, state: "ringing" });
  const olives = summary("o", { started_at: AT, answered_by: "Olive", category: 2 });

  it("lets everything through where nothing is chosen", () => {
    expect([ringing, olives].every((call) => passes(call, EVERYTHING, NOW))).toBe(true);
  });

  it("chooses by operator, by category, and by waiting beyond the goal", () => {
    expect(passes(olives, { ...EVERYTHING, operator: "Olive" }, NOW)).toBe(true);
    expect(passes(ringing, { ...EVERYTHING, operator: "Olive" }, NOW)).toBe(false);
    expect(passes(olives, { ...EVERYTHING, category: 2 }, NOW)).toBe(true);
    expect(passes(ringing, { ...EVERYTHING, category: 0 }, NOW)).toBe(true);
    expect(passes(ringing, { ...EVERYTHING, late: true }, NOW)).toBe(true);
    expect(passes(ringing, { ...EVERYTHING, late: true }, NOW - 5000)).toBe(false);
    expect(passes(olives, { ...EVERYTHING, late: true }, NOW)).toBe(false);
  });
});

describe("a surge", () => {
  const eleven = Array.from({ length: 11 }, (_, index) => index * 1000);

  it("begins with more than ten calls in a minute", () => {
    expect(surgeAfter(CALM, eleven.slice(1), 12_000).on).toBe(false);
    expect(surgeAfter(CALM, eleven, 12_000)).toEqual({ on: true, lastMinute: 11, fewerSince: null });
  });

  it("ends after two minutes with fewer, and not before", () => {
    const surge = surgeAfter(CALM, eleven, 12_000);
    const fewer = surgeAfter(surge, [], 80_000);
    expect(fewer).toEqual({ on: true, lastMinute: 0, fewerSince: 80_000 });
    expect(surgeAfter(fewer, [], 199_000).on).toBe(true);
    expect(surgeAfter(fewer, [], 200_000).on).toBe(false);
    expect(surgeAfter(fewer, eleven.map((at) => at + 190_000), 201_000).fewerSince).toBeNull();
  });
});
