/** The log in words. Pure. */
import type { Actor, TimelineEntry } from "@kiwimesh/sdk";

import { timeOfDay } from "../state/clock.ts";
import { strings } from "../strings.ts";

type Body = TimelineEntry["body"];
type Tellers = { [Kind in Body["kind"]]: (body: Extract<Body, { kind: Kind }>) => string | null };

const spoken = (words: readonly { text: string }[]) => words.map((word) => word.text).join(" ");
const category = (value: number | null) => (value === null ? "not assessed" : `category ${value}`);

const spaced = (code: string) => code.replaceAll("_", " ");
const because = (reason: string) => (reason ? ` (${reason})` : "");
/** A crew's word that was late on its way. */
const tapped = (at: string | null) => (at === null ? "" : `, tapped at ${timeOfDay(at)}`);

/** What a model said without the call's own words behind it. */
const dropped = (count: number) => (count > 0 ? ` (${count} dropped: nobody said it)` : "");

const TELLERS: Tellers = {
  "call.started": (body) => `Call came in by ${body.entry}${body.anonymous ? ", anonymous" : ""}${body.exercise ? ", EXERCISE" : ""}`,
  "call.rang": (body) => (body.seats.length > 0 ? `${strings.escalation[body.step]} (${body.seats.length})` : "Rings at no seat"),
  "call.answered": (body) => `Answered after ${body.waited_s.toFixed(0)} s`,
  "call.held": () => "Put on hold",
  "call.unheld": () => "Taken off hold",
  "call.interrupted": () => "Connection lost; the call stays open",
  "call.reconnected": (body) => `Back after ${body.away_s.toFixed(0)} s`,
  "call.recovered": () => "Taken up again after a restart of the server",
  "call.offered_back": () => "Rings again: the console that had it is gone",
  "call.ended": (body) => strings.call.ended(body.reason),
  "call.call_back_offered": () => "Call back offered",
  "call.disposed": (body) => `Closed: ${strings.dispose.name[body.disposition]}${body.reason ? ` (${body.reason})` : ""}`,
  "channel.opened": (body) => `Sound of the ${body.channel}: ${body.format.encoding}, ${body.format.sample_rate / 1000} kHz`,
  "audio.gap": (body) => `${(body.end_s - body.start_s).toFixed(1)} s of the ${body.channel}'s sound missing`,
  "speech.stable": () => null,
  "speech.final": (body) => {
    const { channel, words } = body.utterance;
    return words.length > 0 ? `${strings.transcript[channel]}: “${spoken(words)}”` : null;
  },
  "speech.revised": (body) => `Heard again: “${body.utterances.map((utterance) => spoken(utterance.words)).join(" ")}”`,
  "speech.translated": (body) => `Translated: “${body.english}”`,
  "speech.language": (body) => `Language of the ${body.channel}: ${body.language} (${Math.round(body.confidence * 100)} %)`,
  "speech.language_set": ({ language }) => (language ? `The caller's language set to ${language}` : "The caller's language is detected again"),
  "speech.tier": (body) => body.message,
  "card.updated": (body) => `Card ${body.card.version}: ${category(body.card.category)}`,
  "card.category_raised": (body) => `Raised from ${category(body.before)} to ${category(body.after)}`,
  "card.category_overridden": (body) => `Set from ${category(body.before)} to ${category(body.after)}: ${body.reason}`,
  "card.field_accepted": (body) => `${strings.field[body.name]} accepted`,
  "card.field_edited": (body) => `${strings.field[body.name]} set to “${body.value}”`,
  "card.question_asked": (body) => `Question ${body.code} asked${body.answer ? `: ${body.answer}` : ""}`,
  "card.step_done": (body) => `Instruction ${body.script_id}: step ${body.step_id} given${body.answer ? `, ${body.answer}` : ""}`,
  "card.script_chosen": (body) => `Script ${body.script_id} chosen`,
  "call.help_sent": () => "Help is on the way",
  "call.handed_over": (body) => `Handed over: ${strings.handOver.to[body.to]}, with ${body.collected.length} details`,
  "model.proposed": (body) =>
    `${body.model} proposed ${body.claims.length} findings${body.category === null ? "" : ` and ${category(body.category)}`}` +
    dropped(body.dropped),
  "model.summarised": (body) =>
    body.sentences.length > 0
      ? `${body.model} summarised: “${body.sentences.map((sentence) => sentence.text).join(" ")}”${dropped(body.dropped)}`
      : "No summary by a model any more; the rules' own is shown",
  "transfer.offered": () => "Offered to a colleague",
  "transfer.ended": (body) =>
    ({ refused: "The colleague refused", timed_out: "The colleague did not answer in time", withdrawn: "Offer taken back" })[body.how],
  "colleague.joined": (body) => (body.by === "transfer" ? "Accepted the call and talks on it" : "Joined the call"),
  "colleague.left": () => "Left the call",
  "call.passed_on": () => "The colleague has the call now",
  "monitor.began": () => "A supervisor listens",
  "monitor.ended": () => "The supervisor listens no longer",
  "place.confirmed": (body) => `Place confirmed: ${body.label}`,
  "unit.offered": (body) => `Offered to ${body.call_sign}: ${spaced(body.outcome)}`,
  "unit.moved": (body) => `${body.call_sign}: ${spaced(body.state)}${because(body.reason)}${tapped(body.happened_at)}`,
  "unit.upgraded": (body) => `${body.call_sign} ${body.urgent ? "with" : "without"} lights and sirens${because(body.reason)}`,
  "unit.search_ended": (body) => `Search for units ${body.outcome}: ${body.found} of ${body.wanted} found`,
  "incident.regrouped": (body) =>
    ({
      merged: "Found to be one incident with another",
      unmerged: "Not one incident with the other after all",
      split: "Given an incident of its own",
    })[body.how],
  "incident.upgraded": (body) => `Incident set from ${category(body.before)} to ${category(body.after)}${because(body.reason)}`,
  "incident.closed": (body) => `Incident closed, ${body.released.length} units released${because(body.reason)}`,
  "referral.made": (body) => `Referred to ${spaced(body.to)} ${body.reference}${because(body.reason)}`,
  "helpers.alerted": (body) =>
    `Alerted: ${body.gates} gates, ${body.defibrillators} defibrillators, ${body.neighbours} trained neighbours`,
  "welfare.checked": (body) => `Welfare check: ${spaced(body.outcome)}`,
  "note.added": (body) => `Note: ${body.text}`,
};

const QUIET: ReadonlySet<Body["kind"]> = new Set(["card.updated", "call.rang", "channel.opened", "speech.final", "speech.revised", "model.proposed"]);

export interface EntryWords {
  readonly who: string;
  readonly what: string;
  readonly quiet: boolean;
}

/** Null for entries that are not worth a line. `me` is the person at this desk. */
export function describe(entry: TimelineEntry, me: string | null): EntryWords | null {
  const tell = TELLERS[entry.body.kind] as (body: Body) => string | null;
  const what = tell(entry.body);
  return what === null ? null : { who: who(entry.actor, me), what, quiet: QUIET.has(entry.body.kind) };
}

function who(actor: Actor, me: string | null): string {
  if (actor.kind === "system") return "System";
  if (actor.kind === "caller") return "Caller";
  return actor.person_id !== null && actor.person_id === me ? "You" : "Operator";
}
