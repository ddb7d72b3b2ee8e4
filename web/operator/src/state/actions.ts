/** What keys and buttons do to the shown call. Each does nothing where it makes no sense. */
import { ringingNow, type CallSummary, type Card, type Disposition, type FieldName, type HandOverTo } from "@kiwimesh/sdk";

import { openedCall, type Desk } from "./desk.ts";
import { strings } from "../strings.ts";
import { sounds } from "./sounds.ts";
import { change, confirmHangUp, view } from "./view.ts";

export interface Shown {
  readonly callId: string;
  readonly summary: CallSummary | null;
  readonly card: Card | null;
  readonly mine: boolean;
}

export function shownNow(desk: Desk): Shown | null {
  const callId = desk.shown.get();
  const state = desk.console.get();
  if (callId === null) return null;
  const summary = state.queue.get(callId) ?? null;
  const mine = summary !== null && summary.seat_id === state.seat?.seat_id && summary.state !== "ringing";
  return { callId, summary, mine, card: openedCall(state, callId).view.card };
}

/** The ringing call that is being read, else the most urgent one: the same that pops up. */
export function answerNext(desk: Desk): void {
  const shown = shownNow(desk);
  const callId = shown?.summary?.state === "ringing" ? shown.callId : ringingNow(desk.console.get())[0]?.call_id;
  if (callId) void desk.answer(callId);
}

export function switchReady(desk: Desk): void {
  const state = desk.console.get().seat?.state;
  if (state === "on_call" || !state) return;
  void desk.act("seat.set", { state: state === "ready" ? "not_ready" : "ready" });
}

export function isTalking(shown: Shown | null): shown is Shown {
  const state = shown?.summary?.state;
  return Boolean(shown?.mine && (state === "answered" || state === "on_hold" || state === "interrupted"));
}

export function hold(desk: Desk): void {
  const shown = shownNow(desk);
  if (isTalking(shown)) void desk.act("call.hold", { call_id: shown.callId, on: shown.summary?.state !== "on_hold" });
}

export function hangUp(desk: Desk): void {
  const shown = shownNow(desk);
  if (isTalking(shown) && confirmHangUp()) void desk.act("call.hang_up", { call_id: shown.callId });
}

export function callBack(desk: Desk): void {
  const shown = shownNow(desk);
  const possible = shown?.summary?.state === "ended" && shown.summary.call_back_possible;
  if (shown && possible) void desk.act("call.call_back", { call_id: shown.callId });
}

/** A call that goes on is hung up first. */
export function canClose(shown: Pick<Shown, "summary"> | null): boolean {
  return shown?.summary?.state === "ended";
}

export function openDispose(desk: Desk): void {
  if (canClose(shownNow(desk))) change({ window: "dispose" });
}

export function openOverride(desk: Desk): void {
  if (shownNow(desk)) change({ window: "override" });
}

/** Closing a call cannot be taken back on the server: it waits a moment here. */
export function dispose(desk: Desk, callId: string, disposition: Disposition, reason: string): void {
  const close = () => void desk.act("call.dispose", { call_id: callId, disposition, reason });
  desk.undo.later(strings.undo.closing(strings.dispose.name[disposition]), close);
}

/** More urgent counts at once and is taken back by its opposite; less urgent waits a moment before it is sent. */
export function override(desk: Desk, callId: string, category: number, reason: string): void {
  const before = openedCall(desk.console.get(), callId).view.card?.category ?? null;
  const set = (to: number, why: string) => void desk.act("card.override", { call_id: callId, category: to, reason: why });
  const words = strings.undo.category(category);
  if (before !== null && category > before) return desk.undo.later(words, () => set(category, reason));
  set(category, reason);
  if (before !== null && before !== category) desk.undo.done(words, () => set(before, strings.undo.takenBack));
}

export function acceptField(desk: Desk, name: FieldName): void {
  const shown = shownNow(desk);
  const field = shown?.card?.fields.find((candidate) => candidate.name === name);
  if (shown && field?.state === "suggested") void desk.act("card.accept", { call_id: shown.callId, name });
}

export function editField(desk: Desk, name: FieldName, value: string): void {
  const shown = shownNow(desk);
  change({ editing: null });
  if (shown && value.trim()) void desk.act("card.edit", { call_id: shown.callId, name, value: value.trim() });
}

export function markQuestion(desk: Desk, code: string, answer: string | null): void {
  const shown = shownNow(desk);
  if (shown) void desk.act("card.question", { call_id: shown.callId, code, answer });
}

export function markNextQuestion(desk: Desk): void {
  const question = shownNow(desk)?.card?.next_question;
  if (question) markQuestion(desk, question.code, null);
}

/** `answer` is the number of one of the step's answers, or null for a step that simply goes on. */
export function markStep(desk: Desk, answer: number | null): void {
  const shown = shownNow(desk);
  const script = shown?.card?.instructions;
  const step = script?.steps.find((candidate) => candidate.step_id === script.current);
  if (!shown || !script || !step) return;
  const chosen = answer === null ? null : step.answers[answer];
  const fits = step.answers.length === 0 ? answer === null : chosen !== undefined && chosen !== null;
  if (!fits) return;
  void desk.act("card.step", { call_id: shown.callId, script_id: script.script_id, step_id: step.step_id, answer: chosen ?? null });
}

export function switchMetronome(desk: Desk): void {
  const bpm = shownNow(desk)?.card?.instructions?.metronome_bpm ?? null;
  if (bpm === null || view.get().metronomeSince !== null) return stopMetronome();
  sounds.metronome(bpm);
  change({ metronomeSince: Date.now() });
}

export function stopMetronome(): void {
  sounds.metronome(null);
  change({ metronomeSince: null });
}

export function helpSent(desk: Desk): void {
  const shown = shownNow(desk);
  const open = shown?.card?.timers.some((timer) => timer.code === "dispatched" && timer.reached_s === null);
  if (isTalking(shown) && open) void desk.act("call.help_sent", { call_id: shown.callId });
}

export function handOver(desk: Desk, to: HandOverTo): void {
  const shown = shownNow(desk);
  const offer = shown?.card?.hand_over;
  if (shown && offer && offer.to === null) void desk.act("call.hand_over", { call_id: shown.callId, to });
}

export function mergeLikeliest(desk: Desk): void {
  const shown = shownNow(desk);
  const likeliest = shown?.summary?.duplicates[0];
  const other = likeliest && desk.console.get().queue.get(likeliest.call_id);
  if (!shown?.summary || !other) return;
  const { incident_id } = shown.summary;
  void desk.act("incident.merge", { incident_id, into: other.incident_id });
  desk.undo.done(strings.undo.merged, () => void desk.act("incident.unmerge", { incident_id }));
}

export function undoMerge(desk: Desk): void {
  const shown = shownNow(desk);
  const newest = shown && openedCall(desk.console.get(), shown.callId).view.merges.at(-1);
  if (newest) void desk.act("incident.unmerge", { incident_id: newest });
}

/** What is heard again when no place was chosen: the last words. */
const LAST_S = 10;

/** From the words that were jumped to, else the last ones; the same key ends it. */
export function hearAgain(desk: Desk): void {
  const shown = shownNow(desk);
  if (!shown || desk.playback.state.get().callId !== null) return desk.playback.stop();
  const { lines } = openedCall(desk.console.get(), shown.callId).view;
  const lastS = Math.max(0, ...lines.map((line) => line.end_s));
  void desk.playback.play(shown.callId, view.get().place ?? Math.max(0, lastS - LAST_S));
}

export function hearFrom(desk: Desk, second: number): void {
  const callId = desk.shown.get();
  change({ place: second });
  if (callId !== null) void desk.playback.play(callId, second);
}

export function chooseScript(desk: Desk, scriptId: string): void {
  const shown = shownNow(desk);
  if (shown) void desk.act("card.script", { call_id: shown.callId, script_id: scriptId });
}
