/** A made-up call for tests and screenshots, typed by the contract so that it cannot drift from it. */
import type {
  CallSummary,
  Card,
  CardField,
  Channel,
  Evidence,
  Reason,
  Snapshot,
  Source,
  TimelineEntry,
  Utterance,
  Word,
} from "../src/contract.ts";

export const CALL_ID = "call-0001";
const RULE: Source = { set_by: "rule", reference: "demo" };
const DEVICE: Source = { set_by: "caller_device", reference: "web" };
const WORD_S = 0.32;

export function wordsOf(text: string, start: number): Word[] {
  return text.split(" ").map((word, index) => ({
    text: word,
    start_s: round(start + index * WORD_S),
    end_s: round(start + (index + 1) * WORD_S - 0.04),
    confidence: 0.93,
  }));
}

export function utterance(id: string, channel: Channel, start: number, text: string): Utterance {
  const words = wordsOf(text, start);
  return {
    utterance_id: id,
    channel,
    words,
    start_s: start,
    end_s: words.at(-1)?.end_s ?? start,
    language: "en",
    normalised: null,
    translation: null,
  };
}

export const SAID: readonly Utterance[] = [
  utterance("u1", "operator", 1.0, "Emergency service, tell me exactly what has happened."),
  utterance("u2", "caller", 4.4, "My dad just fell down in the kitchen, he is not moving, please come quickly."),
  utterance("u3", "operator", 10.2, "Help is being arranged while we talk. What is the address?"),
  utterance("u4", "caller", 14.0, "Forty two Harbour Street, the blue door, second floor."),
  utterance("u5", "operator", 18.3, "Forty two Harbour Street. Is he breathing normally?"),
  utterance("u6", "caller", 21.6, "No, he makes a snoring noise every few seconds, he is not breathing properly."),
  utterance("u7", "operator", 27.5, "How old is he?"),
  utterance("u8", "caller", 29.0, "He is sixty two. He had a heart operation last year."),
];

/** The words of a phrase as evidence; the phrase must occur in the utterance. */
export function evidence(id: string, phrase: string): Evidence {
  const said = SAID.find((candidate) => candidate.utterance_id === id) as Utterance;
  const wanted = phrase.split(" ");
  const from = said.words.findIndex((_, index) => wanted.every((word, step) => said.words[index + step]?.text === word));
  const [first, last] = [said.words[from] as Word, said.words[from + wanted.length - 1] as Word];
  return {
    quote: phrase.replace(/[.,]$/, ""),
    channel: said.channel,
    utterance_id: id,
    start_s: first.start_s,
    end_s: last.end_s,
    withdrawn: false,
  };
}

function field(name: CardField["name"], value: string, label: string, from: Evidence | null, source = RULE): CardField {
  return { name, value, label, state: "suggested", source, evidence: from ? [from] : [] };
}

const NOT_MOVING = evidence("u2", "he is not moving,");
const SNORING = evidence("u6", "a snoring noise every few seconds,");
const NOT_BREATHING = evidence("u6", "not breathing properly.");

export const EMPTY_CARD: Card = {
  version: 1,
  category: null,
  floor: null,
  model_category: null,
  override: null,
  disagreement: null,
  headline: "",
  narrative: null,
  reasons: [],
  fields: [field("callback_number", "+3161234567", "+31 6 1234 567", null, DEVICE)],
  people: [],
  findings: [],
  candidates: [],
  protocol: null,
  next_question: {
    code: "ask_location",
    text: "What is the exact address of the emergency?",
    why: "the location is not known",
    must_ask: true,
    answers: [],
    due_s: 30,
  },
  must_ask: [
    { code: "ask_location", text: "Where is the emergency? Read it back.", why: "", must_ask: true, answers: [], due_s: 30 },
    { code: "ask_conscious", text: "Is the patient awake?", why: "", must_ask: true, answers: ["Yes", "No"], due_s: 45 },
    { code: "ask_breathing", text: "Is the patient breathing normally?", why: "", must_ask: true, answers: [], due_s: 60 },
    { code: "ask_age", text: "How old is the patient?", why: "", must_ask: true, answers: [], due_s: 90 },
  ],
  instructions: null,
  other_scripts: [],
  timers: [
    { code: "address", label: "Address", goal_s: 30, reached_s: null, source: "demo" },
    { code: "recognised", label: "Recognised", goal_s: 90, reached_s: null, source: "demo" },
    { code: "compressions", label: "Compressions", goal_s: 150, reached_s: null, source: "demo" },
  ],
  resources: [],
  hand_over: null,
  overlays: [],
};

const reason = (category: number, code: string, label: string, from: readonly Evidence[]): Reason => ({
  category,
  code,
  label,
  source: RULE,
  evidence: from,
});

export const SECOND_CARD: Card = {
  ...EMPTY_CARD,
  version: 2,
  category: 2,
  floor: 2,
  headline: "Collapse, not moving",
  reasons: [reason(2, "unresponsive", "Does not respond", [NOT_MOVING])],
  fields: [
    ...EMPTY_CARD.fields,
    field("complaint", "unconscious", "Unconscious or fainting", evidence("u2", "fell down in the kitchen,")),
    field("conscious", "no", "No", NOT_MOVING),
  ],
};

export const RED_CARD: Card = {
  ...SECOND_CARD,
  version: 3,
  category: 1,
  floor: 1,
  model_category: 1,
  headline: "Cardiac arrest: unresponsive, abnormal breathing",
  narrative: {
    source: { set_by: "model", reference: "local (qwen3:8b)" },
    sentences: [
      { text: "The caller's father collapsed in the kitchen and does not move.", evidence: [NOT_MOVING] },
      { text: "He makes a snoring noise every few seconds.", evidence: [SNORING] },
    ],
  },
  reasons: [
    reason(1, "cardiac_arrest", "Not responsive and not breathing normally", [SNORING, NOT_BREATHING]),
    ...SECOND_CARD.reasons,
  ],
  fields: [
    { ...field("location", "42 Harbour Street", "42 Harbour Street, second floor", evidence("u4", "Forty two Harbour Street,")), state: "accepted" },
    ...SECOND_CARD.fields,
    field("breathing", "abnormal", "Abnormal (agonal)", NOT_BREATHING),
    field("age", "62", "62 years", evidence("u8", "sixty two.")),
    field("sex", "male", "Male", evidence("u2", "My dad")),
    field("caller_relation", "child", "Son or daughter", evidence("u2", "My dad")),
  ],
  findings: [
    finding("unresponsive", "Does not respond", "present", true, NOT_MOVING),
    finding("agonal_breathing", "Agonal breathing", "present", true, SNORING),
    finding("cardiac_history", "Heart disease known", "present", false, evidence("u8", "heart operation")),
    { ...finding("trauma", "Injury from the fall", "unknown", false, NOT_MOVING), evidence: [] },
  ],
  candidates: [
    { complaint: "cardiac_arrest", label: "Cardiac arrest", probability: 0.91, category: 1 },
    { complaint: "unconscious", label: "Unconscious or fainting", probability: 0.07, category: 2 },
    { complaint: "seizure", label: "Seizure", probability: 0.02, category: 2 },
  ],
  protocol: { protocol_id: "cardiac_arrest", title: "Cardiac arrest", version: "0.3", approved_by: null },
  next_question: {
    code: "ask_aed",
    text: "Is there a defibrillator near you, and somebody who can fetch it?",
    why: "cardiac arrest, second person may be there",
    must_ask: false,
    answers: ["Yes", "No", "Alone"],
    due_s: null,
  },
  instructions: {
    script_id: "cpr_adult",
    title: "CPR, adult",
    version: "0.3",
    approved_by: null,
    steps: [
      step("flat", "Lay him flat on his back on the floor and kneel beside his chest."),
      step("hands", "Put the heel of one hand on the centre of his chest, and your other hand on top."),
      step("push", "Push down as hard as you can, twice a second, and let the chest come all the way up. Count out loud."),
      step("go_on", "Do not stop until help takes over from you."),
    ],
    current: "hands",
    metronome_bpm: 110,
  },
  other_scripts: ["aed", "airway_adult"],
  timers: [
    { code: "address", label: "Address", goal_s: 30, reached_s: 17, source: "demo" },
    { code: "recognised", label: "Recognised", goal_s: 90, reached_s: 27, source: "demo" },
    { code: "compressions", label: "Compressions", goal_s: 150, reached_s: null, source: "demo" },
  ],
  resources: ["Nearest ambulance, lights and sirens", "Second crew", "First responder with AED"],
};

function finding(code: string, label: string, polarity: "present" | "absent" | "unknown", red: boolean, from: Evidence) {
  return { code, label, polarity, red_flag: red, confidence: 1, source: RULE, evidence: [from], withdrawn: false };
}

function step(id: string, text: string) {
  return { step_id: id, text, answers: [], done: id === "flat" };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

type Body = TimelineEntry["body"];

/** Gives bodies the numbers and times of a log. */
export class LogWriter {
  private seq = 0;
  private readonly start: number;
  private readonly callId: string;

  constructor(start: number, callId = CALL_ID) {
    this.start = start;
    this.callId = callId;
  }

  line(callS: number, kind: TimelineEntry["actor"]["kind"], body: Body): TimelineEntry {
    this.seq += 1;
    return {
      call_id: this.callId,
      seq: this.seq,
      at: new Date(this.start + callS * 1000).toISOString(),
      call_s: callS,
      actor: { kind, person_id: kind === "operator" ? "person-1" : null, seat_id: null },
      command_id: null,
      body,
    };
  }
}

export function startedBody(): Body {
  return {
    kind: "call.started",
    centre_id: "centre-1",
    incident_id: "incident-1",
    entry: "web",
    format: { encoding: "pcm16", sample_rate: 16000 },
    anonymous: true,
    exercise: false,
    trainee_id: null,
    phone: "+31 6 1234 567",
    position: null,
    language: null,
    call_back_of: null,
  };
}

/** The whole call as a log, up to its newest card. */
export function demoLog(start: number): TimelineEntry[] {
  const log = new LogWriter(start);
  const lines = [
    log.line(0, "system", startedBody()),
    log.line(0.1, "system", { kind: "call.rang", step: "ready_seats", seats: ["seat-1", "seat-2"] }),
    log.line(0.9, "operator", { kind: "call.answered", waited_s: 0.9 }),
    log.line(1, "system", { kind: "channel.opened", channel: "operator", format: { encoding: "pcm16", sample_rate: 16000 } }),
    log.line(1.2, "system", { kind: "card.updated", card: EMPTY_CARD }),
  ];
  for (const said of SAID) {
    lines.push(log.line(said.end_s + 0.5, "system", { kind: "speech.final", utterance: said }));
    if (said.utterance_id === "u2") lines.push(...raised(log, said.end_s + 0.6, null, 2, SECOND_CARD));
    if (said.utterance_id === "u6") lines.push(...raised(log, said.end_s + 0.6, 2, 1, RED_CARD));
  }
  lines.push(log.line(33, "operator", { kind: "card.field_accepted", name: "location" }));
  lines.push(log.line(34, "operator", { kind: "card.question_asked", code: "ask_location", answer: null }));
  lines.push(log.line(34.5, "operator", { kind: "card.question_asked", code: "ask_breathing", answer: null }));
  lines.push(log.line(36, "operator", { kind: "card.step_done", script_id: "cpr_adult", step_id: "flat", answer: null }));
  lines.push(log.line(38, "operator", { kind: "note.added", text: "Door code 4471, key under the mat." }));
  return lines;
}

function raised(log: LogWriter, at: number, before: number | null, after: number, card: Card): TimelineEntry[] {
  return [
    log.line(at, "system", { kind: "card.updated", card }),
    log.line(at, "system", { kind: "card.category_raised", before, after }),
  ];
}

export function summary(id: string, part: Partial<CallSummary> & Pick<CallSummary, "started_at">): CallSummary {
  return {
    call_id: id,
    incident_id: `incident-of-${id}`,
    state: "answered",
    category: null,
    headline: "",
    location: "",
    phone: null,
    answered_at: null,
    answered_by: null,
    seat_id: null,
    escalation: null,
    exercise: false,
    transcript: "live",
    words_heard: true,
    duplicates: [],
    transfer: null,
    colleague: null,
    monitors: [],
    call_back_possible: false,
    ...part,
  };
}

export function demoSnapshot(now: number, queue: readonly CallSummary[]): Snapshot {
  return {
    kind: "snapshot",
    centre_id: "centre-1",
    centre_name: "Harbour dispatch centre",
    seat: { seat_id: "seat-1", person_id: "person-1", display_name: "Noor Visser", state: "ready", call_id: null },
    queue,
    system: { journal: "ok", database: "ok", broker: "ok", transcription: "ok", router: "ok", models: { self_hosted: "up", cloud: "off", floor_only: false }, messages: [] },
    server_time: new Date(now).toISOString(),
  };
}

export function demoQueue(now: number): CallSummary[] {
  const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  const other = { state: "answered", answered_by: "Jon Okafor", seat_id: "seat-2" } as const;
  return [
    summary(CALL_ID, {
      started_at: ago(43),
      answered_at: ago(42),
      answered_by: "Noor Visser",
      seat_id: "seat-1",
      category: 1,
      headline: RED_CARD.headline,
      location: "42 Harbour Street, second floor",
      phone: "+31 6 1234 567",
      duplicates: [{ call_id: "call-0003", likelihood: 0.92, reasons: ["same place named", "callers close to each other"] }],
    }),
    summary("call-0002", { started_at: ago(6), state: "ringing", escalation: "ready_seats", phone: "+31 6 9876 001" }),
    summary("call-0003", {
      started_at: ago(13),
      state: "ringing",
      escalation: "all_seats",
      category: 2,
      headline: "Chest pain, sweating",
      location: "Market Square 3",
      phone: "+31 6 5550 123",
    }),
    summary("call-0004", { started_at: ago(131), answered_at: ago(124), category: 3, headline: "Fall, cannot get up", location: "17 Elm Lane", ...other }),
    summary("call-0005", {
      started_at: ago(311),
      answered_at: ago(300),
      category: 4,
      headline: "Vomiting since last night",
      location: "Station Road 88",
      ...other,
      state: "on_hold",
    }),
    summary("call-0006", {
      started_at: ago(75),
      answered_at: ago(70),
      category: 2,
      headline: "Stroke signs, left arm weak",
      location: "Dune View flats",
      exercise: true,
      ...other,
    }),
    summary("call-0007", {
      started_at: ago(210),
      answered_at: ago(199),
      category: null,
      transcript: "finals_only",
      ...other,
      state: "interrupted",
    }),
    summary("call-0008", {
      started_at: ago(900),
      answered_at: ago(890),
      state: "ended",
      category: 5,
      headline: "Asks for a repeat prescription",
      location: "Not given",
      answered_by: "Noor Visser",
      seat_id: "seat-1",
      call_back_possible: true,
    }),
  ];
}
