/**
 * A call as it is shown, folded from the lines of its log. Pure: the same entries twice change nothing, and a hole in the
 * numbers is reported, never papered over. Unsettled words are kept apart, since they are not in the log.
 */
import type {
  AudioGap,
  CallStarted,
  Card,
  Channel,
  Disposition,
  EndReason,
  HelpersAlerted,
  Partial as UnsettledWords,
  PlaceConfirmed,
  TimelineEntry,
  TranscriptDegraded,
  UnitOffered,
  UnitSearchEnded,
  Utterance,
  Word,
} from "./contract.ts";

export interface Line extends Omit<Utterance, "end_s"> {
  readonly end_s: number;
  /** The utterance has ended; before that its words are stable but not complete. */
  readonly final: boolean;
}

export interface Note {
  readonly seq: number;
  readonly at: string;
  readonly callS: number;
  readonly text: string;
}

export interface CallView {
  /** Number of the last entry taken in. */
  readonly lastSeq: number;
  /** Entries after a hole arrived: ask for the log from `lastSeq` on. */
  readonly hole: boolean;
  readonly started: CallStarted | null;
  readonly startedAt: string | null;
  readonly answeredAtS: number | null;
  readonly onHold: boolean;
  readonly interrupted: boolean;
  readonly ended: EndReason | null;
  readonly endedAtS: number | null;
  readonly disposition: Disposition | null;
  readonly lines: readonly Line[];
  readonly gaps: readonly AudioGap[];
  readonly card: Card | null;
  /** Number of the entry that last made the call more urgent. */
  readonly raisedSeq: number | null;
  readonly tier: TranscriptDegraded | null;
  readonly notes: readonly Note[];
  readonly asked: ReadonlySet<string>;
  /** The incidents that were merged into this call's and can be taken out of it again, the newest last. */
  readonly merges: readonly string[];
  /** Where it is, in an operator's word. */
  readonly place: PlaceConfirmed | null;
  /** Units that are being asked at present. */
  readonly offers: ReadonlyMap<string, UnitOffered>;
  /** How the last search for units ended; null while one runs. */
  readonly search: UnitSearchEnded | null;
  readonly helpers: HelpersAlerted | null;
  readonly timeline: readonly TimelineEntry[];
}

export const EMPTY_CALL: CallView = {
  lastSeq: 0,
  hole: false,
  started: null,
  startedAt: null,
  answeredAtS: null,
  onHold: false,
  interrupted: false,
  ended: null,
  endedAtS: null,
  disposition: null,
  lines: [],
  gaps: [],
  card: null,
  raisedSeq: null,
  tier: null,
  notes: [],
  asked: new Set(),
  merges: [],
  place: null,
  offers: new Map(),
  search: null,
  helpers: null,
  timeline: [],
};

type Draft = { -readonly [Key in keyof CallView]: CallView[Key] };
type Body = TimelineEntry["body"];
type Handlers = { [Kind in Body["kind"]]?: (view: Draft, body: Extract<Body, { kind: Kind }>, entry: TimelineEntry) => void };

const HANDLERS: Handlers = {
  "call.started": (view, body, entry) => {
    view.started = body;
    view.startedAt = entry.at;
  },
  "call.answered": (view, _, entry) => {
    view.answeredAtS = entry.call_s;
  },
  "call.held": (view) => {
    view.onHold = true;
  },
  "call.unheld": (view) => {
    view.onHold = false;
  },
  "call.interrupted": (view) => {
    view.interrupted = true;
  },
  "call.reconnected": (view) => {
    view.interrupted = false;
  },
  "call.ended": (view, body, entry) => {
    view.ended = body.reason;
    view.endedAtS = entry.call_s;
    view.interrupted = false;
    view.onHold = false;
  },
  "call.disposed": (view, body) => {
    view.disposition = body.disposition;
  },
  "incident.regrouped": (view, body) => {
    const others = view.merges.filter((merged) => merged !== body.before && merged !== body.incident_id);
    view.merges = body.how === "merged" ? [...others, body.before] : others;
  },
  "place.confirmed": (view, body) => {
    view.place = body;
  },
  "unit.offered": (view, body) => {
    const offers = new Map(view.offers);
    if (body.outcome === "pending") offers.set(body.unit_id, body);
    else offers.delete(body.unit_id);
    view.offers = offers;
    if (body.outcome === "pending") view.search = null;
  },
  "unit.search_ended": (view, body) => {
    view.search = body;
    view.offers = new Map();
  },
  "helpers.alerted": (view, body) => {
    view.helpers = body;
  },
  "audio.gap": (view, body) => {
    view.gaps = [...view.gaps, body];
  },
  "speech.stable": (view, body) => {
    view.lines = withStable(view.lines, body.utterance_id, body.channel, body.words);
  },
  "speech.final": (view, body) => {
    view.lines = placed(without(view.lines, [body.utterance.utterance_id]), [settled(body.utterance)]);
  },
  "speech.revised": (view, body) => {
    const fresh = body.utterances.map((utterance) => utterance.utterance_id);
    view.lines = placed(without(view.lines, [...body.replaces, ...fresh]), body.utterances.map(settled));
  },
  "speech.translated": (view, body) => {
    view.lines = view.lines.map((line) =>
      line.utterance_id === body.utterance_id ? { ...line, language: body.language, translation: body.english } : line,
    );
  },
  "speech.tier": (view, body) => {
    view.tier = body;
  },
  "card.updated": (view, body) => {
    if (!view.card || body.card.version > view.card.version) view.card = body.card;
  },
  "card.category_raised": (view, _, entry) => {
    view.raisedSeq = entry.seq;
  },
  "card.question_asked": (view, body) => {
    view.asked = new Set(view.asked).add(body.code);
  },
  "note.added": (view, body, entry) => {
    view.notes = [...view.notes, { seq: entry.seq, at: entry.at, callS: entry.call_s, text: body.text }];
  },
};

export function foldCall(entries: readonly TimelineEntry[], from: CallView = EMPTY_CALL): CallView {
  const fresh = entries.filter((entry) => entry.seq > from.lastSeq).sort((a, b) => a.seq - b.seq);
  if (fresh.length === 0) return from;
  const view: Draft = { ...from, hole: false };
  const taken: TimelineEntry[] = [];
  for (const entry of fresh) {
    if (entry.seq === view.lastSeq) continue;
    if (entry.seq !== view.lastSeq + 1) {
      view.hole = true;
      break;
    }
    const handle = HANDLERS[entry.body.kind] as ((view: Draft, body: Body, entry: TimelineEntry) => void) | undefined;
    handle?.(view, entry.body, entry);
    view.lastSeq = entry.seq;
    taken.push(entry);
  }
  if (taken.length > 0) view.timeline = [...from.timeline, ...taken];
  return view;
}

/** The newest unsettled words of each side. */
export type Unsettled = Readonly<Partial<Record<Channel, UnsettledWords>>>;

/** What of the unsettled words is not shown as settled already. */
export function stillUnsettled(lines: readonly Line[], partial: UnsettledWords | undefined): readonly Word[] {
  if (!partial) return [];
  const line = lines.findLast((candidate) => candidate.utterance_id === partial.utterance_id);
  if (line?.final) return [];
  const settledUntil = line?.words.at(-1)?.end_s ?? 0;
  return line ? partial.words.filter((word) => (word.start_s + word.end_s) / 2 > settledUntil) : partial.words;
}

function settled(utterance: Utterance): Line {
  return { ...utterance, final: true };
}

function withStable(lines: readonly Line[], id: string, channel: Channel, words: readonly Word[]): readonly Line[] {
  const known = lines.find((line) => line.utterance_id === id);
  if (known?.final) return lines;
  const all = [...(known?.words ?? []), ...words];
  const line: Line = {
    utterance_id: id,
    channel,
    words: all,
    start_s: all[0]?.start_s ?? 0,
    end_s: all.at(-1)?.end_s ?? 0,
    language: known?.language ?? "en",
    normalised: null,
    translation: null,
    final: false,
  };
  return placed(without(lines, [id]), [line]);
}

function without(lines: readonly Line[], ids: readonly string[]): readonly Line[] {
  return lines.filter((line) => !ids.includes(line.utterance_id));
}

/** Puts lines where their sound begins; a line in which nothing was said after all is not shown. */
function placed(lines: readonly Line[], fresh: readonly Line[]): readonly Line[] {
  return [...lines, ...fresh.filter((line) => line.words.length > 0)].sort((a, b) => a.start_s - b.start_s);
}
