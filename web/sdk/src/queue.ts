/** The order of the queue and its waiting times. Pure. */
import type { CallSummary } from "./contract.ts";

/** Goals for answering: within 10 s (NFPA 1225), and 90 % within 15 s (NENA-STA-020.1), in seconds. */
export const ANSWER_GOALS_S = [10, 15] as const;

export type Section = "waiting" | "active" | "to_close";

export function sectionOf(call: CallSummary): Section {
  if (call.state === "ringing") return "waiting";
  return call.state === "ended" ? "to_close" : "active";
}

const SECTIONS: readonly Section[] = ["waiting", "active", "to_close"];

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

export type Lateness = "in_time" | "late" | "very_late";

export function lateness(waitedS: number): Lateness {
  if (waitedS >= ANSWER_GOALS_S[1]) return "very_late";
  return waitedS >= ANSWER_GOALS_S[0] ? "late" : "in_time";
}
