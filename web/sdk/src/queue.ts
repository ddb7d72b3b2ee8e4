/** The order of the queue and its waiting times. Pure. */
import type { CallSummary } from "./contract.ts";

/** Goals for answering: within 10 s (NFPA 1225), and 90 % within 15 s (NENA-STA-020.1), in seconds. */
export const ANSWER_GOALS_S = [10, 15] as const;

export type Section = "waiting" | "active" | "call_back" | "to_close";

export function sectionOf(call: CallSummary): Section {
  if (call.state === "ringing") return "waiting";
  if (call.state !== "ended") return "active";
  return whyCallBack(call) ? "call_back" : "to_close";
}

export type WhyCallBack = "abandoned" | "silent";

/** Over before anybody answered, or without a word from the caller: somebody may need help and could not say so. */
export function whyCallBack(call: CallSummary): WhyCallBack | null {
  if (call.state !== "ended") return null;
  if (call.answered_at === null) return "abandoned";
  return call.words_heard ? null : "silent";
}

const SECTIONS: readonly Section[] = ["waiting", "active", "call_back", "to_close"];

/** Unassessed sorts with the most urgent: unknown counts as critical. */
export function urgency(call: CallSummary): number {
  return call.category ?? 1;
}

/** Those that wait come first; within a section the most urgent, and of equals the one who has waited longest. */
export function inOrder(calls: Iterable<CallSummary>): CallSummary[] {
  return [...calls].sort(
    (a, b) =>
      SECTIONS.indexOf(sectionOf(a)) - SECTIONS.indexOf(sectionOf(b)) ||
      urgency(a) - urgency(b) ||
      a.started_at.localeCompare(b.started_at) ||
      a.call_id.localeCompare(b.call_id),
  );
}

/** What a supervisor looks at: everything where nothing is chosen. */
export interface QueueFilter {
  readonly operator: string | null;
  /** 0 stands for not yet assessed. */
  readonly category: number | null;
  readonly late: boolean;
}

export const EVERYTHING: QueueFilter = { operator: null, category: null, late: false };

export function passes(call: CallSummary, filter: QueueFilter, serverNowMs: number): boolean {
  const waitedS = (serverNowMs - Date.parse(call.started_at)) / 1000;
  return (
    (filter.operator === null || call.answered_by === filter.operator) &&
    (filter.category === null || (call.category ?? 0) === filter.category) &&
    (!filter.late || (call.state === "ringing" && lateness(waitedS) !== "in_time"))
  );
}

/** More calls a minute than this is a surge; it is over when it has been fewer for two minutes (domain notes, row 16). */
export const SURGE_CALLS_A_MINUTE = 10;
const SURGE_OVER_AFTER_MS = 120_000;

export interface Surge {
  readonly on: boolean;
  readonly lastMinute: number;
  /** Since when there have been fewer calls, milliseconds. */
  readonly fewerSince: number | null;
}

export const CALM: Surge = { on: false, lastMinute: 0, fewerSince: null };

/** `arrivals` are the times at which calls came in, milliseconds of the same clock as `now`. */
export function surgeAfter(before: Surge, arrivals: readonly number[], now: number): Surge {
  const lastMinute = arrivals.filter((at) => now - at < 60_000).length;
  if (lastMinute > SURGE_CALLS_A_MINUTE) return same(before, { on: true, lastMinute, fewerSince: null });
  if (!before.on) return same(before, { on: false, lastMinute, fewerSince: null });
  const fewerSince = before.fewerSince ?? now;
  return same(before, { on: now - fewerSince < SURGE_OVER_AFTER_MS, lastMinute, fewerSince });
}

function same(before: Surge, after: Surge): Surge {
  const equal = before.on === after.on && before.lastMinute === after.lastMinute && before.fewerSince === after.fewerSince;
  return equal ? before : after;
}

export type Lateness = "in_time" | "late" | "very_late";

export function lateness(waitedS: number): Lateness {
  if (waitedS >= ANSWER_GOALS_S[1]) return "very_late";
  return waitedS >= ANSWER_GOALS_S[0] ? "late" : "in_time";
}
