// Made from dispatch/contract by `python -m dispatch.contract.generate`. Do not edit: a test compares them.

/** Bytes as a Socket.IO attachment: browsers receive an ArrayBuffer and send either. */
export type Binary = ArrayBuffer | Uint8Array<ArrayBuffer>;

export const PROTOCOL_VERSION = 1;
export const MAX_FRAME_BYTES = 32768;
export const MAX_MESSAGE_BYTES = 65536;
export const MAX_NOTE_CHARS = 4000;

export interface AcceptField {
  readonly command_id: string;
  readonly call_id: string;
  readonly name: FieldName;
}

/** Takes an invitation up: with a new account, or, with `account`, for an account that exists. */
export interface AcceptInvitation {
  readonly token: string;
  /** The new account's, or the existing one's. */
  readonly password: string;
  /** E-mail of the account that gets the role. */
  readonly account?: string | null;
  /** Of the authenticator app, where the existing account has one. */
  readonly code?: string | null;
}

/** Who did it; the id is an operator's person id, never a name. */
export interface Actor {
  readonly kind: ActorKind;
  readonly person_id: string | null;
  readonly seat_id: string | null;
}

/** Who did something. */
export const ActorKindValues = ["system", "caller", "operator"] as const;
export type ActorKind = (typeof ActorKindValues)[number];

export interface AddNote {
  readonly command_id: string;
  readonly call_id: string;
  readonly text: string;
}

/** Something that the supervisors must see at once. */
export interface Alarm {
  readonly kind: "alarm";
  readonly code: "no_unit_left" | "welfare_overdue";
  readonly incident_id: string;
  readonly at: string;
}

/** Cardiac arrest: alerts the gate, whoever holds a defibrillator, and trained neighbours. */
export interface AlertHelpers {
  readonly command_id: string;
  readonly call_id: string;
}

export interface AnswerCall {
  readonly command_id: string;
  readonly call_id: string;
}

/** The colleague's answer: who accepts is on the call at once. */
export interface AnswerTransfer {
  readonly command_id: string;
  readonly call_id: string;
  readonly accept: boolean;
}

/** A code of the authenticator app. */
export interface AppCode {
  readonly code: string;
}

/** A slot of a calendar. */
export interface Appointment {
  readonly calendar_id: string;
  readonly starts_at: string;
}

/** What a medical director did. */
export const ApprovalDeedValues = ["signed", "withdrawn"] as const;
export type ApprovalDeed = (typeof ApprovalDeedValues)[number];

/** A signature, or its withdrawal. Never changed, never removed. */
export interface ApprovalEntry {
  readonly approval_id: string;
  readonly deed: ApprovalDeed;
  readonly version: string;
  readonly digest: string;
  readonly person_id: string;
  /** As it was when they signed. */
  readonly name: string;
  readonly at: string;
  /** Whether a code of their authenticator app came with it. */
  readonly second_factor: boolean;
  /** Why it was withdrawn. */
  readonly reason: string;
}

/** Where a protocol stands in a centre. Everything but `signed` is shown as not approved for clinical use. */
export const ApprovalStateValues = ["signed", "changed", "withdrawn", "never"] as const;
export type ApprovalState = (typeof ApprovalStateValues)[number];

/** Asks who sits where; answered by a `colleagues` delivery to this console alone. */
export interface AskColleagues {
  readonly command_id: string;
}

/** A report about one hospital, community or centre, from `since` up to but without `until`. */
export interface AskReport {
  readonly kind: ReportKind;
  readonly tenant_kind: string;
  readonly tenant_id: string;
  readonly since: string;
  readonly until: string;
}

/** Puts responders on a booking; when reassigning, instead of those who are on it. */
export interface AssignBooking {
  readonly responders: readonly ResponderRef[];
  /** A code, such as `nobody_else_left`: why a unit goes that lacks what the service wants. */
  readonly reason?: string | null;
}

/** Every frame below `next_seq` is on disk. */
export interface AudioAck {
  readonly channel: Channel;
  readonly next_seq: number;
  readonly next_offset: number;
}

/** Encoding and rate of a channel; mono always. */
export interface AudioFormat {
  readonly encoding: Encoding;
  readonly sample_rate: 8000 | 16000 | 48000;
}

/** Encoding and rate of a channel; mono always. */
export interface AudioFormatInput {
  readonly encoding?: Encoding;
  readonly sample_rate?: 8000 | 16000 | 48000;
}

/** One piece of sound from a client. */
export interface AudioFrame {
  readonly seq: number;
  /** Number of the first sample on the channel's own clock. */
  readonly offset: number;
  readonly audio: Binary;
}

/** Sound that never arrived, in seconds on the channel's clock. */
export interface AudioGap {
  readonly kind: "audio.gap";
  readonly channel: Channel;
  readonly start_s: number;
  readonly end_s: number;
}

/** One deed: who did what to which record, under which role. */
export interface AuditLine {
  readonly audit_id: number;
  readonly at: string;
  /** None for the server itself. */
  readonly person_id: string | null;
  readonly role: string;
  readonly action: string;
  readonly subject_kind: string;
  readonly subject_id: string;
  readonly tenant_kind: string;
  readonly tenant_id: string;
  readonly correlation_id: string;
}

/** A page of the audit log, newest first. */
export interface AuditPage {
  readonly entries: readonly AuditLine[];
  readonly next_cursor: string | null;
}

/** Units and open incidents of the centre, in parts, after every snapshot. */
export interface Board {
  readonly kind: "board";
  readonly units: readonly UnitView[];
  readonly incidents: readonly IncidentView[];
}

/** A booking as it stands. */
export interface Booking {
  readonly booking_id: string;
  readonly service_type: string;
  readonly policy_version: number;
  readonly status: BookingStatus;
  readonly version: number;
  readonly requested_at: string;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly closed_at: string | null;
  readonly category: number | null;
  readonly resident_id: string | null;
  readonly community_id: string | null;
  readonly hospital_id: string | null;
  readonly centre_id: string | null;
  readonly incident_id: string | null;
  readonly exercise: boolean;
  readonly place: string;
  readonly note: string;
}

/** What moves a booking, or who is on it. */
export const BookingActionValues = ["assign", "unassign", "reassign", "depart", "start", "complete", "cancel", "no_show", "reschedule"] as const;
export type BookingAction = (typeof BookingActionValues)[number];

/** A booking with who is on it, and what the reader's role may do to it now. */
export interface BookingDetail {
  readonly booking_id: string;
  readonly service_type: string;
  readonly policy_version: number;
  readonly status: BookingStatus;
  readonly version: number;
  readonly requested_at: string;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly closed_at: string | null;
  readonly category: number | null;
  readonly resident_id: string | null;
  readonly community_id: string | null;
  readonly hospital_id: string | null;
  readonly centre_id: string | null;
  readonly incident_id: string | null;
  readonly exercise: boolean;
  readonly place: string;
  readonly note: string;
  readonly responders: readonly ResponderRef[];
  readonly actions: readonly BookingAction[];
}

/** One thing that happened to a booking. */
export interface BookingEvent {
  readonly version: number;
  readonly at: string;
  readonly kind: string;
  readonly status: BookingStatus;
  readonly actor_role: string;
  readonly reason: string | null;
  readonly responder_ids: readonly string[];
}

/** The whole log of a booking, oldest first: version 1, 2, 3 and so on without a gap. */
export interface BookingEvents {
  readonly events: readonly BookingEvent[];
}

export interface BookingPage {
  readonly bookings: readonly Booking[];
  readonly next_cursor: string | null;
}

/** Asks for a service. Residents ask for themselves, everybody else says for whom. */
export interface BookingRequest {
  readonly service_type: string;
  readonly resident_id?: string | null;
  readonly appointment?: Appointment | null;
  /** Instead of an appointment. */
  readonly wait?: Wait | null;
  readonly category?: number | null;
  readonly place?: string;
  readonly note?: string;
}

/** Where a booking stands. */
export const BookingStatusValues = ["requested", "assigned", "en_route", "in_service", "completed", "cancelled", "no_show"] as const;
export type BookingStatus = (typeof BookingStatusValues)[number];

/** Somebody, or some room, that can be booked by the slot. */
export interface Calendar {
  readonly calendar_id: string;
  readonly hospital_id: string;
  readonly label: string;
  readonly service_types: readonly string[];
  readonly zone: string;
}

/** What a hospital says of one of its calendars. The same id again changes it. */
export interface CalendarChange {
  readonly label: string;
  readonly service_types: readonly string[];
  readonly staff_id?: string | null;
  /** IANA time zone, such as `Pacific/Auckland`. */
  readonly zone: string;
  readonly weekly: readonly WeekdayHours[];
  readonly dates?: readonly DateHours[];
  readonly closed?: boolean;
}

export interface Calendars {
  readonly calendars: readonly Calendar[];
}

export interface CallAnswered {
  readonly kind: "call.answered";
  readonly waited_s: number;
}

/** Rings an ended call's caller again. */
export interface CallBack {
  readonly command_id: string;
  readonly call_id: string;
}

/** The operator rings back: answer by `call.start` with `call_back` and the resume token of the ended call. */
export interface CallBackOffer {
  readonly call_id: string;
  readonly message: string;
}

export interface CallBackOffered {
  readonly kind: "call.call_back_offered";
}

export interface CallDisposed {
  readonly kind: "call.disposed";
  readonly disposition: Disposition;
  readonly reason: string;
}

export interface CallEnded {
  readonly kind: "call.ended";
  readonly reason: EndReason;
}

/** Lines of an open call's log, in order. `complete` says that this reaches the newest line. */
export interface CallEntries {
  readonly kind: "entries";
  readonly call_id: string;
  readonly entries: readonly TimelineEntry[];
  readonly complete: boolean;
}

/** An operator handed a call that is no emergency over, with what was collected. It stays open for a person. */
export interface CallHandedOver {
  readonly kind: "call.handed_over";
  readonly to: HandOverTo;
  /** The service that the booking asks for; none with a call-back. */
  readonly service_type: string | null;
  readonly collected: readonly CollectedField[];
}

export interface CallHeld {
  readonly kind: "call.held";
}

/** The caller's connection broke; the call stays open for them to come back. */
export interface CallInterrupted {
  readonly kind: "call.interrupted";
}

/** The console that had the call has been gone for too long: it rings again. */
export interface CallOfferedBack {
  readonly kind: "call.offered_back";
}

/** Answer to `call.start` and `call.resume`. */
export interface CallOpened {
  readonly call_id: string;
  readonly resume_token: string;
  readonly next_seq: number;
  readonly next_offset: number;
  readonly state: CallPhase;
  /** That the call is recorded, in the centre's words; a client shows or says it. */
  readonly notice: string;
}

/** Words still unsettled on an open call. */
export interface CallPartial {
  readonly kind: "partial";
  readonly call_id: string;
  readonly partial: Partial;
}

/** The operator who had the call left it, or was gone; the colleague beside them has it from now on. */
export interface CallPassedOn {
  readonly kind: "call.passed_on";
  readonly seat_id: string;
  readonly person_id: string;
}

/** What a caller is told of the call. */
export const CallPhaseValues = ["ringing", "answered", "on_hold", "ended"] as const;
export type CallPhase = (typeof CallPhaseValues)[number];

export interface CallRang {
  readonly kind: "call.rang";
  readonly step: EscalationStep;
  readonly seats: readonly string[];
}

export interface CallReconnected {
  readonly kind: "call.reconnected";
  readonly away_s: number;
}

/** The server restarted and took the call up again from its journal. */
export interface CallRecovered {
  readonly kind: "call.recovered";
}

export interface CallStarted {
  readonly kind: "call.started";
  readonly centre_id: string;
  readonly incident_id: string;
  /** The way in: a web page, an app, a number. */
  readonly entry: string;
  readonly format: AudioFormat;
  readonly anonymous: boolean;
  readonly exercise: boolean;
  /** The only person at whose seats an exercise rings; None: it rings as any call does. */
  readonly trainee_id: string | null;
  readonly phone: string | null;
  readonly position: Position | null;
  readonly language: string | null;
  readonly call_back_of: string | null;
}

/** Where a call stands, as consoles show it. */
export const CallStateValues = ["ringing", "answered", "on_hold", "interrupted", "ended", "closed"] as const;
export type CallState = (typeof CallStateValues)[number];

/** A call's line in the queue. */
export interface CallSummary {
  readonly call_id: string;
  readonly incident_id: string;
  readonly state: CallState;
  readonly category: number | null;
  readonly headline: string;
  readonly location: string;
  readonly phone: string | null;
  readonly started_at: string;
  readonly answered_at: string | null;
  readonly answered_by: string | null;
  readonly seat_id: string | null;
  readonly escalation: EscalationStep | null;
  readonly exercise: boolean;
  /** `live`, or the tier that the transcript is degraded to. */
  readonly transcript: string;
  /** The caller has said something; a call that ends without is a silent one, to be called back. */
  readonly words_heard: boolean;
  /** The likeliest first; calls of the same incident are not among them. */
  readonly duplicates: readonly LikelyDuplicate[];
  /** The call is offered to a colleague, who has not answered yet. */
  readonly transfer: TransferOffer | null;
  /** Who talks on the call beside the operator who has it. */
  readonly colleague: Talker | null;
  /** Supervisors who hear the call and are not heard. */
  readonly monitors: readonly Talker[];
  /** The caller's client is connected, so that the operator can ring back. */
  readonly call_back_possible: boolean;
}

export interface CallUnheld {
  readonly kind: "call.unheld";
}

/** Sent at every change, and whenever nobody has answered for another step of the escalation. */
export interface CallerCallState {
  readonly call_id: string;
  readonly phase: CallPhase;
  readonly waited_s: number;
  readonly message: string;
  readonly public_number: string;
  readonly ended_by: EndReason | null;
}

/** First event on a connection: the limits that the server holds a client to. */
export interface CallerHello {
  readonly protocol: number;
  readonly max_frame_bytes: number;
  readonly max_message_bytes: number;
  /** The public emergency number to ring when this service cannot help. */
  readonly public_number: string;
}

export interface CancelBooking {
  /** A code, such as `no_longer_needed`. */
  readonly reason?: string | null;
}

/** A complaint that the words may describe. */
export interface Candidate {
  readonly complaint: string;
  readonly label: string;
  readonly probability: number;
  readonly category: number | null;
}

/** A call's triage card. Versions count up; the newest replaces the one before. */
export interface Card {
  readonly version: number;
  /** Shown to people: None is unassessed and sorts with the most urgent. */
  readonly category: number | null;
  /** The rules' own category. */
  readonly floor: number | null;
  /** The model's category, grounded in the transcript; it can raise, never lower. */
  readonly model_category: number | null;
  readonly override: Override | null;
  /** Said when rules and model are two or more categories apart. */
  readonly disagreement: string | null;
  readonly headline: string;
  /** A summary for reading; nothing else on the card follows from it. */
  readonly narrative: Narrative | null;
  readonly reasons: readonly Reason[];
  readonly fields: readonly CardField[];
  /** Where more than one person is told of: a row for each, at most four, the most urgent first; else empty. What cannot be told whose it is stands in `fields` and `findings` alone. */
  readonly people: readonly PersonTold[];
  readonly findings: readonly FindingView[];
  readonly candidates: readonly Candidate[];
  readonly protocol: ProtocolView | null;
  readonly next_question: Question | null;
  readonly must_ask: readonly Question[];
  readonly instructions: Instructions | null;
  readonly other_scripts: readonly string[];
  readonly timers: readonly Timer[];
  readonly resources: readonly string[];
  /** Offered where no emergency was heard, and kept once an operator has taken it. */
  readonly hand_over: HandOver | null;
  /** Call-handling overlays: silent, other_language, wrong_number, third_party, non_emergency. */
  readonly overlays: readonly string[];
}

/** One value on the card. */
export interface CardField {
  readonly name: FieldName;
  /** Machine value: a complaint code, `yes` / `no`, `normal` / `abnormal` / `absent`, a number, or free text. */
  readonly value: string;
  /** The same for people. */
  readonly label: string;
  readonly state: FieldState;
  readonly source: Source;
  readonly evidence: readonly Evidence[];
}

export interface CardUpdated {
  readonly kind: "card.updated";
  readonly card: Card;
}

export interface CategoryOverridden {
  readonly kind: "card.category_overridden";
  readonly before: number | null;
  readonly after: number;
  readonly reason: string;
}

/** The call became more urgent than it was shown before. */
export interface CategoryRaised {
  readonly kind: "card.category_raised";
  readonly before: number | null;
  readonly after: number;
}

/** The sides of a call: the caller, and whoever talks with them. */
export const ChannelValues = ["caller", "operator", "second"] as const;
export type Channel = (typeof ChannelValues)[number];

export interface ChannelOpened {
  readonly kind: "channel.opened";
  readonly channel: Channel;
  readonly format: AudioFormat;
}

/** Somebody called back while the incident waits. Whoever says so owns the next call-back. */
export interface CheckWelfare {
  readonly command_id: string;
  readonly incident_id: string;
  readonly outcome: "better" | "same" | "worse" | "no_answer";
  /** After triage was done again. */
  readonly category?: number | null;
}

export interface ChooseScript {
  readonly command_id: string;
  readonly call_id: string;
  readonly script_id: string;
}

/** A player that is free asks for work, every second or so. */
export interface Claim {
  readonly player_id: string;
}

export interface Claimed {
  readonly exercise: Exercise | null;
  /** By which the caller comes in, so that the call is one of the exercise's centre. */
  readonly entry: string;
}

/** Ends an incident and releases its units. */
export interface CloseIncident {
  readonly command_id: string;
  readonly incident_id: string;
  readonly reason?: string;
}

/** The code that came by phone. */
export interface CodeRedemption {
  readonly ticket: string;
  readonly code: string;
}

/** Asks for a one-time code by phone. */
export interface CodeRequest {
  readonly phone: string;
}

/** Goes back with the code. The answer is the same for a number that is nobody's. */
export interface CodeTicket {
  readonly ticket: string;
  /** Seconds that the code works for. */
  readonly lives_s: number;
}

/** A seat of the centre, for handing a call over to it. */
export interface Colleague {
  readonly seat: Seat;
  readonly supervisor: boolean;
  readonly connected: boolean;
}

/** Somebody talks on the call beside the operator who has it, on a channel of their own. */
export interface ColleagueJoined {
  readonly kind: "colleague.joined";
  readonly seat_id: string;
  readonly person_id: string;
  readonly channel: Channel;
  readonly by: JoinedBy;
}

export interface ColleagueLeft {
  readonly kind: "colleague.left";
  readonly seat_id: string;
}

/** Answer to `seats.ask`: who sits where at this moment. */
export interface Colleagues {
  readonly kind: "colleagues";
  readonly seats: readonly Colleague[];
}

/** What was known when a call was handed over. */
export interface CollectedField {
  readonly name: FieldName;
  readonly value: string;
}

/** Answer to every command: done and safe on disk, or the problem. */
export interface CommandDone {
  readonly command_id: string;
  readonly ok: boolean;
  /** The log entry that the command made. */
  readonly seq: number | null;
  readonly problem: Problem | null;
}

/** One page of communities. */
export interface Communities {
  readonly communities: readonly Community[];
  readonly next_cursor: string | null;
}

/** A place where people live. */
export interface Community {
  readonly community_id: string;
  readonly name: string;
  readonly suspended_at: string | null;
  readonly version: number;
}

/** Says where it is: a place of the gazetteer, or an address with coordinates. */
export interface ConfirmPlace {
  readonly command_id: string;
  readonly call_id: string;
  readonly place_id?: string | null;
  readonly label?: string;
  readonly latitude?: number | null;
  readonly longitude?: number | null;
}

/** One piece of an operator's voice, for the call that this console has answered. */
export interface ConsoleAudioFrame {
  readonly seq: number;
  /** Number of the first sample on the channel's own clock. */
  readonly offset: number;
  readonly audio: Binary;
  readonly call_id: string;
}

/** First event on a connection. `resumed` says whether the missed deliveries follow, or a snapshot. */
export interface ConsoleHello {
  readonly protocol: number;
  readonly epoch: string;
  readonly resumed: boolean;
  readonly token_expires_at: string;
}

/** The trainee has read the report. */
export interface Countersign {
  readonly comment?: string;
}

export interface CountersignView {
  readonly comment: string;
  readonly at: string;
}

/** What a crew's page asks for every few seconds. It holds nothing of a patient; `Mission` does, and is audited. */
export interface CrewNews {
  /** The server's clock, for countdowns. */
  readonly at: string;
  readonly unit: UnitView;
  readonly offers: readonly Offer[];
  /** Differs from the mark of the mission that was read: read it again. */
  readonly mission_mark: string;
}

/** When it is open on one date instead; no openings: closed. */
export interface DateHours {
  readonly date: string;
  readonly openings: readonly OpeningTime[];
}

/** Something that was done on the call, as the review lists it. */
export interface DeedView {
  readonly action: string;
  readonly by: ActorKind;
  readonly at_s: number;
  readonly seq: number;
  /** The words that show it, where it was spoken. */
  readonly words: string;
}

/** One message of a console's outbox. */
export interface Delivery {
  readonly epoch: string;
  readonly seq: number;
  readonly body: Snapshot | QueueChanged | SeatChanged | Ring | RingStopped | CallEntries | CallPartial | SystemChanged | Colleagues | ReauthNeeded | Board | UnitChanged | IncidentChanged | Known | PlacesHeard | Alarm;
}

/** Everything up to `seq` has been taken in. */
export interface DeliveryAck {
  readonly epoch: string;
  readonly seq: number;
}

/** A registered phone. */
export interface Device {
  readonly device_id: string;
}

/** A dispatch centre with the communities that it serves. */
export interface DispatchCentre {
  readonly centre_id: string;
  readonly name: string;
  readonly public_number: string;
  readonly overflow_centre_id: string | null;
  readonly is_default: boolean;
  readonly communities: readonly string[];
  readonly suspended_at: string | null;
  readonly version: number;
}

/** One page of dispatch centres. */
export interface DispatchCentres {
  readonly centres: readonly DispatchCentre[];
  readonly next_cursor: string | null;
}

/** Sends units at once: the named ones, or the nearest suitable one. Questioning goes on. */
export interface DispatchUnit {
  readonly command_id: string;
  readonly incident_id: string;
  /** None named: the nearest suitable unit that is free. */
  readonly unit_ids?: readonly string[];
  readonly service_type?: string;
  /** None: the one that the service type wants. */
  readonly capability?: string | null;
  /** Why a named unit goes that lacks the capability; without one it is refused. */
  readonly reason?: string;
}

/** Closes a call with what became of it. */
export interface DisposeCall {
  readonly command_id: string;
  readonly call_id: string;
  readonly disposition: Disposition;
  readonly reason?: string;
}

/** What became of a call. */
export const DispositionValues = ["ambulance_sent", "referred", "advice_given", "booked", "duplicate", "false_call", "abandoned", "exercise"] as const;
export type Disposition = (typeof DispositionValues)[number];

/** Takes a unit off its incident and sends it to another, in one step. */
export interface DivertUnit {
  readonly command_id: string;
  readonly unit_id: string;
  readonly incident_id: string;
  readonly reason: string;
}

/** A call from the same number before. */
export interface EarlierCall {
  readonly call_id: string;
  readonly started_at: string;
  readonly category: number | null;
  readonly headline: string;
  readonly disposition: string | null;
}

export interface EditField {
  readonly command_id: string;
  readonly call_id: string;
  readonly name: FieldName;
  readonly value: string;
}

/** How samples are written into bytes. */
export const EncodingValues = ["pcm16", "mulaw", "alaw", "opus"] as const;
export type Encoding = (typeof EncodingValues)[number];

/** The caller hangs up. `next_seq` is the number after the last frame sent: sound up to it is still awaited. */
export interface EndCall {
  readonly next_seq: number;
}

/** How a call's sound ended. */
export const EndReasonValues = ["caller_hung_up", "operator_hung_up", "connection_lost"] as const;
export type EndReason = (typeof EndReasonValues)[number];

/** What an authenticator app needs; shown once. */
export interface Enrolment {
  readonly secret: string;
  readonly uri: string;
}

/** By which pages, apps and numbers calls come to a centre, by name. */
export interface Entries {
  readonly entries: readonly string[];
}

/** Why a call's records go. */
export interface EraseCall {
  readonly reason: string;
}

/** Records that go, or went. Done means: nobody can read them any more, here or in the log. */
export interface Erasure {
  readonly call_id: string;
  readonly reason: string;
  readonly asked_at: string;
  readonly done_at: string | null;
}

/** Who is rung when nobody answers, in this order. */
export const EscalationStepValues = ["ready_seats", "all_seats", "supervisor", "overflow_centre"] as const;
export type EscalationStep = (typeof EscalationStepValues)[number];

/** The words behind a value. */
export interface Evidence {
  readonly quote: string;
  readonly channel: Channel;
  readonly utterance_id: string | null;
  readonly start_s: number;
  readonly end_s: number;
  /** The recogniser took these words back. The category stays until an operator lowers it. */
  readonly withdrawn: boolean;
}

/** One exercise. */
export interface Exercise {
  readonly exercise_id: string;
  readonly scenario_id: string;
  readonly title: string;
  readonly trainee_id: string;
  readonly trainer_id: string;
  readonly requested_at: string;
  readonly state: ExerciseState;
  /** As soon as it rings. */
  readonly call_id: string | null;
  /** Its score, as soon as there is one. */
  readonly run_id: string | null;
  /** Why it failed, or has no score. */
  readonly problem: string;
}

export interface ExerciseDetail {
  readonly exercise_id: string;
  readonly scenario_id: string;
  readonly title: string;
  readonly trainee_id: string;
  readonly trainer_id: string;
  readonly requested_at: string;
  readonly state: ExerciseState;
  /** As soon as it rings. */
  readonly call_id: string | null;
  /** Its score, as soon as there is one. */
  readonly run_id: string | null;
  /** Why it failed, or has no score. */
  readonly problem: string;
  readonly lines: readonly ScriptLine[];
  readonly injections: readonly Injection[];
}

/** The next lines of the exercise's call. */
export interface ExerciseLog {
  readonly entries: readonly TimelineEntry[];
  readonly exercise: ExerciseDetail;
}

export interface ExercisePage {
  readonly exercises: readonly Exercise[];
  readonly next_cursor: string | null;
}

/** Where an exercise stands. */
export const ExerciseStateValues = ["requested", "playing", "stopping", "over", "failed"] as const;
export type ExerciseState = (typeof ExerciseStateValues)[number];

/** Something that a good call-taker does. Any one of the actions will do. */
export interface ExpectedAction {
  readonly action: readonly string[];
  readonly label?: string;
  /** Second after the call was answered by which it is on time; None: any time. */
  readonly by_s?: number | null;
  /** Later than this counts as not done. Between the two it is late and earns half. */
  readonly latest_s?: number | null;
  readonly points?: number;
  /** Not done means not passed, whatever the score. */
  readonly critical?: boolean;
}

/** What a centre keeps of one number's calls. */
export interface Export {
  readonly calls: readonly ExportedCall[];
}

/** Everything that is kept of a call, but for its sound. */
export interface ExportedCall {
  readonly call_id: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly disposition: string | null;
  readonly entries: readonly TimelineEntry[];
}

/** Whose mistake a problem is. */
export const FaultValues = ["user", "system"] as const;
export type Fault = (typeof FaultValues)[number];

export interface FieldAccepted {
  readonly kind: "card.field_accepted";
  readonly name: FieldName;
}

export interface FieldEdited {
  readonly kind: "card.field_edited";
  readonly name: FieldName;
  readonly value: string;
}

/** The fields of a card, in the order in which an operator reads them. */
export const FieldNameValues = ["location", "callback_number", "complaint", "conscious", "breathing", "age", "sex", "patient_count", "caller_relation", "hazards"] as const;
export type FieldName = (typeof FieldNameValues)[number];

/** What the operator made of a value. */
export const FieldStateValues = ["suggested", "accepted", "edited"] as const;
export type FieldState = (typeof FieldStateValues)[number];

/** One thing that the words say about a patient or a scene. */
export interface FindingView {
  readonly code: string;
  readonly label: string;
  readonly polarity: Polarity;
  readonly red_flag: boolean;
  readonly confidence: number;
  readonly source: Source;
  readonly evidence: readonly Evidence[];
  readonly withdrawn: boolean;
}

/** A red flag, in words. */
export interface FlagText {
  readonly label: string;
  readonly category: number;
  readonly when: readonly string[];
  readonly source: string;
}

/** Something that must not be done on this call. */
export interface ForbiddenAction {
  readonly action: string;
  readonly why: string;
}

export interface FreeSlot {
  readonly starts_at: string;
  readonly ends_at: string;
}

export interface FreeSlots {
  readonly zone: string;
  readonly slots: readonly FreeSlot[];
}

/** The right answers. None means that the call does not say. */
export interface Gold {
  readonly category: number;
  /** Categories that are right too. */
  readonly accept?: readonly number[];
  readonly complaint: string;
  /** Complaints that are right too; `any` accepts every one. */
  readonly accept_complaints?: readonly string[];
  readonly address?: string | null;
  readonly callback?: string | null;
  readonly age?: number | null;
  readonly conscious?: boolean | null;
  readonly breathing?: "normal" | "abnormal" | "absent" | null;
}

/** A call in which no emergency was heard may go on elsewhere; only a person hands it over, or closes it. */
export interface HandOver {
  readonly advice: string;
  /** `booking` or `call_back`, once an operator has handed it over. */
  readonly to: string | null;
  /** The service that the caller asks for, where the words name one. */
  readonly service_type: string | null;
  /** A red flag was heard after it was handed over: it is an emergency now. */
  readonly overtaken: boolean;
}

/** Takes the offer to go on with a call that is no emergency as a booking or a call-back. */
export interface HandOverCall {
  readonly command_id: string;
  readonly call_id: string;
  readonly to: HandOverTo;
  /** What to book; None: what the card says that the caller asks for, else a consultation. */
  readonly service_type?: string | null;
}

/** Where a call that is no emergency goes on. */
export const HandOverToValues = ["booking", "call_back"] as const;
export type HandOverTo = (typeof HandOverToValues)[number];

export interface HangUpCall {
  readonly command_id: string;
  readonly call_id: string;
}

/** State of one part of the server. */
export const HealthValues = ["ok", "degraded", "off"] as const;
export type Health = (typeof HealthValues)[number];

/** `ready` means: can take and journal a call. Everything else only degrades. */
export interface HealthReport {
  readonly ready: boolean;
  readonly version: string;
  readonly parts: readonly PartHealth[];
}

/** A role within what it covers; `scope_id` is empty for everything. */
export interface HeldRole {
  readonly role: Role;
  readonly scope_kind: ScopeKind;
  readonly scope_id: string;
}

/** The operator has somebody on the way: by radio, by telephone, or through the units' own screen. */
export interface HelpSent {
  readonly kind: "call.help_sent";
}

/** One command has alerted those near a cardiac arrest. */
export interface HelpersAlerted {
  readonly kind: "helpers.alerted";
  readonly gates: number;
  readonly defibrillators: number;
  readonly neighbours: number;
}

/** A legal hold on a call. */
export interface Hold {
  readonly hold_id: string;
  readonly call_id: string;
  readonly reason: string;
  readonly placed_by: string;
  readonly placed_at: string;
  readonly released_by: string | null;
  readonly released_at: string | null;
}

export interface HoldCall {
  readonly command_id: string;
  readonly call_id: string;
  readonly on: boolean;
}

export interface HoldPage {
  readonly holds: readonly Hold[];
  readonly next_cursor: string | null;
}

/** A hospital with the communities that it serves. */
export interface Hospital {
  readonly hospital_id: string;
  readonly name: string;
  readonly communities: readonly string[];
  readonly suspended_at: string | null;
  readonly version: number;
}

/** One page of hospitals. */
export interface Hospitals {
  readonly hospitals: readonly Hospital[];
  readonly next_cursor: string | null;
}

export interface IncidentChanged {
  readonly kind: "incident";
  readonly incident: IncidentView;
}

/** The incident is over; its units were released with it. */
export interface IncidentClosed {
  readonly kind: "incident.closed";
  readonly released: readonly string[];
  readonly reason: string;
}

export interface IncidentList {
  readonly incidents: readonly IncidentView[];
  readonly next_cursor: string | null;
}

/** How an incident became known. */
export const IncidentOriginValues = ["call", "radio", "walk_in", "booking", "paper"] as const;
export type IncidentOrigin = (typeof IncidentOriginValues)[number];

/** The call belongs to another incident from here on. */
export interface IncidentRegrouped {
  readonly kind: "incident.regrouped";
  readonly before: string;
  readonly incident_id: string;
  readonly how: "merged" | "unmerged" | "split";
}

/** The incident is more urgent than was thought, or less. */
export interface IncidentUpgraded {
  readonly kind: "incident.upgraded";
  readonly before: number | null;
  readonly after: number;
  readonly reason: string;
}

/** An incident as consoles see it. */
export interface IncidentView {
  readonly incident_id: string;
  readonly origin: IncidentOrigin;
  readonly category: number | null;
  readonly nature: string;
  readonly place_id: string | null;
  readonly place: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly opened_at: string;
  readonly closed_at: string | null;
  readonly merged_into: string | null;
  /** Who calls back while it waits. */
  readonly owner_person_id: string | null;
  readonly welfare_due_at: string | null;
  readonly exercise: boolean;
  readonly version: number;
}

export interface Injection {
  readonly kind: InjectionKind;
  /** Which line, for `line`. */
  readonly line_id: string | null;
  readonly number: number;
  readonly at: string;
  readonly done: boolean;
}

/** What a trainer can make happen on the line. */
export const InjectionKindValues = ["hang_up", "battery_low", "line_noise", "line"] as const;
export type InjectionKind = (typeof InjectionKindValues)[number];

/** One step of a script to read to the caller. */
export interface InstructionStep {
  readonly step_id: string;
  /** Read aloud word for word. */
  readonly text: string;
  /** Answers that lead to different next steps; empty for a step that simply goes on. */
  readonly answers: readonly string[];
  readonly done: boolean;
}

/** An instruction script, from where the caller stands now. */
export interface Instructions {
  readonly script_id: string;
  readonly title: string;
  readonly version: string;
  /** The medical director who signed this version; None is shown as "not approved for clinical use". */
  readonly approved_by: string | null;
  readonly steps: readonly InstructionStep[];
  readonly current: string | null;
  readonly metronome_bpm: number | null;
}

/** An offer of a role. The link that takes it up is read apart, and works once. */
export interface Invitation {
  readonly invitation_id: string;
  readonly email: string;
  readonly display_name: string;
  readonly role: Role;
  readonly scope_kind: ScopeKind;
  readonly scope_id: string;
  readonly invited_by: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly accepted_at: string | null;
  readonly withdrawn_at: string | null;
}

/** What the invited person needs. It works once, until it runs out. */
export interface InvitationLink {
  readonly token: string;
  readonly expires_at: string;
}

/** One page of invitations. */
export interface Invitations {
  readonly invitations: readonly Invitation[];
  readonly next_cursor: string | null;
}

/** Jobs, the latest first. */
export interface JobPage {
  readonly jobs: readonly JobView[];
  readonly next_cursor: string | null;
}

/** Where a job is. */
export const JobStateValues = ["waiting", "running", "done", "dead"] as const;
export type JobState = (typeof JobStateValues)[number];

/** A job as administrators see it; its payload is ids of ours and is not shown. */
export interface JobView {
  readonly job_id: string;
  readonly kind: string;
  readonly state: JobState;
  /** `urgent`, `normal` or `bulk`. */
  readonly queue: string;
  readonly tenant_kind: string | null;
  readonly tenant_id: string | null;
  /** The database role under which it was asked for. */
  readonly role: string;
  readonly correlation_id: string;
  readonly attempts: number;
  readonly error_code: string | null;
  /** File, line and function of the error, never its message. */
  readonly error_place: string | null;
  readonly run_at: string;
  readonly created_at: string;
  readonly ended_at: string | null;
}

/** A supervisor talks on the call beside the operator. */
export interface JoinCall {
  readonly command_id: string;
  readonly call_id: string;
}

/** How somebody came to talk on a call. */
export const JoinedByValues = ["transfer", "supervisor"] as const;
export type JoinedBy = (typeof JoinedByValues)[number];

/** What is known of a ringing call's number and place, of this centre's communities alone. */
export interface Known {
  readonly kind: "known";
  readonly call_id: string;
  readonly resident: KnownResident | null;
  readonly place: PlaceView | null;
  readonly notes: readonly StandingNote[];
  readonly earlier: readonly EarlierCall[];
}

/** A resident behind a caller's number. */
export interface KnownResident {
  readonly resident_id: string;
  readonly name: string;
  readonly flat: string;
  readonly community: string;
}

export interface LanguageDetected {
  readonly kind: "speech.language";
  readonly channel: Channel;
  readonly language: string;
  readonly confidence: number;
}

/** An operator said which language the caller speaks; None: it is to be detected. */
export interface LanguageSet {
  readonly kind: "speech.language_set";
  readonly language: string | null;
}

/** No longer shows the call. */
export interface LeaveCall {
  readonly command_id: string;
  readonly call_id: string;
}

/** Leaves a call that somebody else talks on, or stops to listen to it. The last one to talk cannot leave. */
export interface LeaveTalk {
  readonly command_id: string;
  readonly call_id: string;
}

/** Another call that may be about the same incident, for a person to merge or not. */
export interface LikelyDuplicate {
  readonly call_id: string;
  readonly likelihood: number;
  readonly reasons: readonly string[];
}

/** Somebody is on the way. */
export interface MarkHelpSent {
  readonly command_id: string;
  readonly call_id: string;
}

export interface MarkQuestion {
  readonly command_id: string;
  readonly call_id: string;
  readonly code: string;
  readonly answer?: string | null;
}

export interface MarkStep {
  readonly command_id: string;
  readonly call_id: string;
  readonly script_id: string;
  readonly step_id: string;
  readonly answer?: string | null;
}

/** Two records that may be one human being, and what speaks for it. */
export interface Match {
  readonly person_id: string;
  readonly other_id: string;
  readonly display_name: string;
  readonly other_name: string;
  readonly why: readonly string[];
}

/** Likely pairs, at most 100. */
export interface Matches {
  readonly matches: readonly Match[];
}

/** Who is signed in. */
export interface Me {
  readonly person_id: string;
  readonly display_name: string;
  readonly roles: readonly string[];
  readonly centre_id: string | null;
  /** What each role covers; a client that acts in one of several names it in `Kiwimesh-Role`. */
  readonly grants: readonly HeldRole[];
}

/** Somebody who signs, or signed, protocols for a centre. */
export interface MedicalDirector {
  readonly director_id: string;
  readonly person_id: string;
  readonly centre_id: string;
  readonly appointed_by: string;
  readonly appointed_at: string;
  readonly ended_at: string | null;
}

/** One page of medical directors, by id. */
export interface MedicalDirectors {
  readonly directors: readonly MedicalDirector[];
  readonly next_cursor: string | null;
}

/** Says that another record is the same human being; that record's id reads as this one from now on. */
export interface Merge {
  readonly other_id: string;
  readonly reason: string;
}

/** Makes an incident part of another; calls, patients, units and bookings go along. */
export interface MergeIncident {
  readonly command_id: string;
  readonly incident_id: string;
  readonly into: string;
}

/** Where a unit is to go, what its crew must know to get in, and what the operators know. */
export interface Mission {
  readonly unit: UnitView;
  readonly incident: IncidentView | null;
  readonly access_notes: string;
  readonly hazards: string;
  /** Standing notes about the place and about those who live there. */
  readonly notes: readonly StandingNote[];
  /** Of the newest call first. */
  readonly facts: readonly MissionFact[];
  /** Another one whenever anything of it reads otherwise; see `CrewNews`. */
  readonly mark: string;
}

/** Something that the cards of the incident's calls say: it was heard, and may be wrong. */
export interface MissionFact {
  readonly name: FieldName;
  readonly value: string;
}

/** Where a service happens. */
export const ModalityValues = ["mobile", "visit", "on_site", "remote"] as const;
export type Modality = (typeof ModalityValues)[number];

/** A finding that a model read, in the words that it read it from. */
export interface ModelClaim {
  readonly code: string;
  readonly quote: string;
}

/** What a model proposed for the card. It can raise the category with a grounded finding, and never lower it. */
export interface ModelProposed {
  readonly kind: "model.proposed";
  readonly model: string;
  readonly category: number | null;
  /** Those whose words were said. */
  readonly claims: readonly ModelClaim[];
  /** Claims that nobody said; they are kept nowhere. */
  readonly dropped: number;
}

/** One side of the language-model router: the centre's own models, or the clouds. */
export const ModelSideValues = ["up", "degraded", "down", "off"] as const;
export type ModelSide = (typeof ModelSideValues)[number];

/** A model's summary of the call so far. */
export interface ModelSummarised {
  readonly kind: "model.summarised";
  readonly model: string;
  readonly sentences: readonly NarrativeSentence[];
  /** Sentences without the call's own words behind them. */
  readonly dropped: number;
  /** Made when the call was over and both sides had been heard out. */
  readonly final: boolean;
}

/** Which language models can be asked. Text of a call goes to self-hosted ones alone. */
export interface ModelsState {
  readonly self_hosted: ModelSide;
  readonly cloud: ModelSide;
  /** The rules triage alone. */
  readonly floor_only: boolean;
}

/** A supervisor hears the call and is not heard. The operator sees it: that is the policy here. */
export interface MonitorBegan {
  readonly kind: "monitor.began";
  readonly seat_id: string;
}

/** A supervisor hears the call. */
export interface MonitorCall {
  readonly command_id: string;
  readonly call_id: string;
}

export interface MonitorEnded {
  readonly kind: "monitor.ended";
  readonly seat_id: string;
}

/** What the call is about, in a few sentences. A model's replaces the rules' while a model answers. */
export interface Narrative {
  readonly source: Source;
  readonly sentences: readonly NarrativeSentence[];
}

/** One sentence, with the words that it rests on. */
export interface NarrativeSentence {
  readonly text: string;
  readonly evidence: readonly Evidence[];
}

/** A dispatch centre to be onboarded. */
export interface NewCentre {
  readonly name: string;
  /** The public emergency number to ring when the service cannot help. */
  readonly public_number: string;
  /** Who takes its calls when nobody here answers. */
  readonly overflow_centre_id?: string | null;
}

export interface NewExercise {
  readonly scenario_id: string;
  /** For whom it is meant. It rings at this person's seats and at no others. */
  readonly trainee_id: string;
}

/** A role for somebody who has an account. */
export interface NewGrant {
  readonly person_id: string;
  readonly role: Role;
  /** The hospital, community or centre that the role is for; nothing for a super admin. */
  readonly scope_id?: string | null;
}

/** A call that must not be erased. */
export interface NewHold {
  readonly call_id: string;
  readonly reason: string;
}

export interface NewInjection {
  readonly kind: InjectionKind;
  /** Which line, for `line`. */
  readonly line_id?: string | null;
}

/** An offer of a role to somebody with an e-mail address. */
export interface NewInvitation {
  readonly email: string;
  readonly display_name: string;
  readonly role: Role;
  readonly scope_id?: string | null;
}

/** Lets somebody sign protocols for a centre. */
export interface NewMedicalDirector {
  readonly person_id: string;
  readonly centre_id: string;
}

/** A community or hospital to be onboarded. */
export interface NewOrganisation {
  readonly name: string;
}

/** A resident as the community's manager registers them. */
export interface NewResident {
  readonly name: string;
  readonly flat?: string;
  /** Whoever proves to hold this phone signs in as this resident. */
  readonly phone?: string | null;
}

/** Scores a training call that is over. Whoever answered it is the trainee. */
export interface NewRun {
  readonly call_id: string;
  readonly rubric: Rubric;
}

/** A unit is entered: off duty, without a crew. */
export interface NewUnit {
  /** No two units of a centre that are in service have the same, whichever case it is written in. */
  readonly call_sign: string;
  /** What it can be sent as: `ambulance`, `first_aid`, `basic_life_support`, `neighbour`, or a word of the centre. */
  readonly capabilities: readonly string[];
  /** Whose paramedics are its crew. None: nobody signs in for it, the desk speaks for it. */
  readonly hospital_id?: string | null;
  /** Sent to exercises alone, for good: a real unit never is. */
  readonly exercise?: boolean;
  readonly latitude?: number | null;
  /** Where it waits (WGS 84), until its crew says where it is. None: it is sent after those whose place is known. */
  readonly longitude?: number | null;
}

export interface NoteAdded {
  readonly kind: "note.added";
  readonly text: string;
}

/** What a standing note is about. */
export const NoteKindValues = ["allergy", "condition", "hazard", "access"] as const;
export type NoteKind = (typeof NoteKindValues)[number];

/** By which ways somebody wants to be told. Pages to a crew on duty come all the same. */
export interface NotificationChoice {
  readonly push: boolean;
  readonly sms: boolean;
}

/** By which ways somebody wants to be told. Pages to a crew on duty come all the same. */
export interface NotificationChoiceInput {
  readonly push?: boolean;
  readonly sms?: boolean;
}

/** An incident offered to a unit: what its crew needs to decide, and nothing of the patient. */
export interface Offer {
  readonly offer_id: string;
  readonly unit_id: string;
  readonly incident_id: string;
  readonly place: string;
  readonly category: number | null;
  readonly offered_at: string;
  readonly expires_at: string;
}

export interface OfferAnswer {
  readonly accept: boolean;
}

export interface OfferList {
  readonly offers: readonly Offer[];
  readonly next_cursor: string | null;
}

/** What became of an offer. */
export const OfferOutcomeValues = ["pending", "accepted", "declined", "expired", "withdrawn"] as const;
export type OfferOutcome = (typeof OfferOutcomeValues)[number];

/** Offers the call that this seat has to a colleague's seat. */
export interface OfferTransfer {
  readonly command_id: string;
  readonly call_id: string;
  readonly seat_id: string;
}

/** Offers the incident to the nearest suitable units, one after the other or, for neighbours, to several at once. */
export interface OfferUnits {
  readonly command_id: string;
  readonly incident_id: string;
  readonly service_type?: string;
  readonly wanted?: number;
}

/** Asks for the log of a call after `after_seq`, and for everything that follows. */
export interface OpenCall {
  readonly command_id: string;
  readonly call_id: string;
  readonly after_seq?: number;
}

/** An incident without a call here: heard on the radio, somebody came in, or taken on paper with the server away. The id is the client's choice. */
export interface OpenIncident {
  readonly command_id: string;
  readonly incident_id: string;
  readonly origin: "radio" | "walk_in" | "paper";
  readonly nature: string;
  readonly category?: number | null;
  readonly place_id?: string | null;
  /** When it was taken on paper: wanted for that origin and for no other. */
  readonly happened_at?: string | null;
}

/** From when to when, in local time such as `08:30`; `24:00` is the end of the day. */
export interface OpeningTime {
  readonly opens: string;
  readonly closes: string;
}

/** Where an order is. */
export const OrderStateValues = ["placed", "accepted", "rejected", "shipped", "delivered", "cancelled"] as const;
export type OrderState = (typeof OrderStateValues)[number];

/** What an in-memory adapter wrote down instead of doing it. */
export interface OutboxEntry {
  readonly item_id: string;
  readonly port: string;
  readonly operation: string;
  readonly reference: string;
  readonly recipient: string;
  /** As JSON. */
  readonly said: string;
  readonly exercise: boolean;
  readonly at: string;
}

/** Items, the latest first. */
export interface OutboxPage {
  readonly items: readonly OutboxEntry[];
  readonly next_cursor: string | null;
}

/** An operator's decision on the category. */
export interface Override {
  readonly category: number;
  readonly reason: string;
  readonly operator: string;
  readonly at: string;
}

export interface OverrideCategory {
  readonly command_id: string;
  readonly call_id: string;
  readonly category: number;
  readonly reason: string;
}

/** A trainer's own judgement instead of the sheet's. */
export interface Overrule {
  readonly score: number;
  readonly passed: boolean;
  readonly comment: string;
}

/** An overrule with who made it. */
export interface OverruleView {
  readonly score: number;
  readonly passed: boolean;
  readonly comment: string;
  readonly by: string;
  readonly at: string;
}

/** One part of the server, and in words what to do about it. */
export interface PartHealth {
  readonly name: string;
  readonly state: Health;
  readonly message: string;
}

/** The unsettled end of an utterance; the newest one replaces the one before. */
export interface Partial {
  readonly channel: Channel;
  readonly utterance_id: string;
  readonly words: readonly Word[];
}

/** One page of people. */
export interface People {
  readonly people: readonly Person[];
  readonly next_cursor: string | null;
}

/** A human being, once, whatever roles they have. */
export interface Person {
  /** The id that counts: an id that was merged into it reads as this one. */
  readonly person_id: string;
  readonly display_name: string;
  readonly email: string | null;
  readonly phone: string | null;
  /** Ids that were merged into this one. */
  readonly also_known_as: readonly string[];
  readonly suspended_at: string | null;
  readonly version: number;
}

/** What is said of one of several people. Nothing else on the card follows from it. */
export interface PersonTold {
  /** In the call's own words: "the driver", "my wife". */
  readonly who: string;
  /** The most urgent that the findings of this person alone ever bore out, whatever the call's is; None: they bear out none. */
  readonly category: number | null;
  readonly conscious: CardField | null;
  readonly breathing: CardField | null;
  /** The leading ones that are there, besides those behind `conscious` and `breathing`; at most four. */
  readonly findings: readonly FindingView[];
}

/** So many of a product. */
export interface PharmacyLine {
  readonly product: string;
  readonly quantity: number;
}

/** An order as its owner sees it. */
export interface PharmacyOrder {
  readonly order_id: string;
  readonly state: OrderState;
  readonly lines: readonly PharmacyLine[];
  readonly created_at: string;
  readonly updated_at: string;
}

/** One's own orders, the latest first. */
export interface PharmacyOrderPage {
  readonly orders: readonly PharmacyOrder[];
  readonly next_cursor: string | null;
}

/** A place that a caller's words may mean. `score` 1: every word fits. */
export interface PlaceCandidate {
  readonly place: PlaceView;
  readonly score: number;
}

/** The operator says where it is. */
export interface PlaceConfirmed {
  readonly kind: "place.confirmed";
  readonly place_id: string | null;
  readonly label: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** Where a booking that waits for a slot stands. */
export interface PlaceInLine {
  readonly booking_id: string;
  readonly calendar_id: string;
  /** From 1. */
  readonly place: number;
  readonly earliest: string;
  readonly latest: string;
}

/** What a place of the gazetteer is. */
export const PlaceKindValues = ["street", "block", "flat", "gate", "aed", "landmark"] as const;
export type PlaceKind = (typeof PlaceKindValues)[number];

/** Candidates, the likeliest first; never more than eight. */
export interface PlaceList {
  readonly candidates: readonly PlaceCandidate[];
}

/** An order from the pharmacy that serves one's community. */
export interface PlaceOrder {
  readonly community_id: string;
  readonly lines: readonly PharmacyLine[];
}

/** A place of the gazetteer. */
export interface PlaceView {
  readonly place_id: string;
  readonly community_id: string;
  readonly kind: PlaceKind;
  readonly label: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly access_notes: string;
  readonly hazards: string;
}

/** Places that the location on a call's card may mean, the likeliest first. */
export interface PlacesHeard {
  readonly kind: "places";
  readonly call_id: string;
  readonly candidates: readonly PlaceCandidate[];
}

/** A player says that it is there, and what it can play. */
export interface PlayerHello {
  readonly player_id: string;
  readonly scenarios: readonly ScenarioOffer[];
}

/** Whether a finding is there. */
export const PolarityValues = ["present", "absent", "unknown"] as const;
export type Polarity = (typeof PolarityValues)[number];

/** Where a caller's device says it is (WGS 84). */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy_m: number | null;
}

/** Where a caller's device says it is (WGS 84). */
export interface PositionInput {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy_m?: number | null;
}

/** One thing that went wrong, in words that are safe to show. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly way_out: string;
  readonly fault: Fault;
  readonly retryable: boolean;
  /** For `frame_out_of_order`: the frame number that the server waits for. */
  readonly expected_seq: number | null;
}

/** Stable codes: clients branch on these, never on the message. */
export const ProblemCodeValues = ["invalid_message", "message_too_large", "unknown_event", "unknown_codec", "bad_audio", "frame_too_large", "frame_out_of_order", "offset_backwards", "no_call", "call_already_open", "call_ended", "call_taken", "wrong_resume_token", "channel_not_allowed", "unknown_entry", "superseded", "not_allowed", "not_found", "sign_in_failed", "token_expired", "reason_needed", "wrong_state", "too_many", "not_signed_in", "second_factor_needed", "conflict", "account_exists", "key_in_use", "key_reused", "version_needed", "version_conflict", "method_not_allowed", "struck_out", "unavailable", "internal"] as const;
export type ProblemCode = (typeof ProblemCodeValues)[number];

/** What a player says of the exercise that it plays, every few seconds. */
export interface Progress {
  readonly player_id: string;
  readonly state: ExerciseState;
  readonly call_id?: string | null;
  readonly run_id?: string | null;
  /** Of the script, once, when it begins. */
  readonly lines?: readonly ScriptLine[];
  /** The number of the last injection that was carried out. */
  readonly injections_done?: number;
  readonly problem?: string;
}

/** A protocol in a centre's list. */
export interface ProtocolLine {
  readonly protocol_id: string;
  readonly title: string;
  readonly category: number;
  readonly version: string;
  readonly digest: string;
  readonly state: ApprovalState;
  readonly last: ApprovalEntry | null;
}

/** One page of the protocols of a centre, by id. */
export interface ProtocolPage {
  readonly centre_id: string;
  /** Whether who asks is a medical director of this centre. */
  readonly may_sign: boolean;
  readonly protocols: readonly ProtocolLine[];
  readonly next_cursor: string | null;
}

/** A protocol in full, and everything that was done to its approval in a centre, newest first. */
export interface ProtocolSheet {
  readonly centre_id: string;
  readonly may_sign: boolean;
  /** Whether signing wants a code: who asks has an authenticator app. */
  readonly second_factor: boolean;
  readonly digest: string;
  readonly state: ApprovalState;
  readonly text: ProtocolText;
  readonly history: readonly ApprovalEntry[];
}

/** A protocol in full, as a physician reads it before signing: exactly this is what the digest is made of. */
export interface ProtocolText {
  readonly protocol_id: string;
  readonly title: string;
  readonly version: string;
  /** What opens it. */
  readonly entry: readonly string[];
  readonly category: number;
  readonly category_source: string;
  readonly red_flags: readonly FlagText[];
  /** In the order in which they are asked. */
  readonly questions: readonly QuestionText[];
  readonly resources: readonly string[];
  readonly scripts: readonly ScriptText[];
  readonly sources: readonly string[];
}

/** The protocol that the card follows. */
export interface ProtocolView {
  readonly protocol_id: string;
  readonly title: string;
  readonly version: string;
  readonly approved_by: string | null;
}

/** A question for the operator to ask, worded for reading aloud. */
export interface Question {
  readonly code: string;
  readonly text: string;
  readonly why: string;
  readonly must_ask: boolean;
  readonly answers: readonly string[];
  /** Second of the call by which the goals want it asked. */
  readonly due_s: number | null;
}

/** The operator marked a question as asked, with the answer if there was one. */
export interface QuestionAsked {
  readonly kind: "card.question_asked";
  readonly code: string;
  readonly answer: string | null;
}

/** A question, and what is taken for the answer to it. */
export interface QuestionText {
  readonly question_id: string;
  readonly ask: string;
  readonly why: string;
  readonly answers: readonly string[];
  readonly yes: readonly string[];
  /** What either answer states. */
  readonly no: readonly string[];
  /** What "I don't know" is taken for. */
  readonly unsure: readonly string[];
  readonly source: string;
}

/** One call's line in the queue has changed. */
export interface QueueChanged {
  readonly kind: "queue";
  readonly call: CallSummary;
}

/** Why the category is at least this urgent. */
export interface Reason {
  readonly category: number;
  readonly code: string;
  readonly label: string;
  readonly source: Source;
  readonly evidence: readonly Evidence[];
}

/** The access token runs out soon: get a fresh one and send `console.reauth`. Nothing is cut off. */
export interface ReauthNeeded {
  readonly kind: "reauth";
  readonly expires_at: string;
}

/** A fresh access token on the same connection. */
export interface Reauthenticate {
  readonly token: string;
}

/** The same, of one centre; its version is the ETag. */
export interface RecordPolicy {
  /** Days after its end at which a call's sound, words and card are erased, unless it is held. */
  readonly retention_days: number;
  /** What callers read about being recorded. */
  readonly notice: string;
  readonly centre_id: string;
}

/** What a centre does with its records. */
export interface RecordPolicyBody {
  /** Days after its end at which a call's sound, words and card are erased, unless it is held. */
  readonly retention_days: number;
  /** What callers read about being recorded. */
  readonly notice: string;
}

/** Records that the call was handed to another service. */
export interface ReferCall {
  readonly command_id: string;
  readonly call_id: string;
  readonly to: ReferredTo;
  readonly reference: string;
  readonly reason?: string;
}

/** The caller, or the incident, was handed to another service. */
export interface ReferralMade {
  readonly kind: "referral.made";
  readonly to: ReferredTo;
  /** The other service's own number for it. */
  readonly reference: string;
  readonly reason: string;
}

/** To whom a caller was referred. */
export const ReferredToValues = ["police", "fire", "public_number", "other"] as const;
export type ReferredTo = (typeof ReferredToValues)[number];

/** A phone that wants pushes. */
export interface RegisterDevice {
  readonly token: string;
}

/** The other side's voice, to be played through a small jitter buffer. Never acknowledged, never sent again. */
export interface RelayedFrame {
  readonly call_id: string;
  readonly channel: Channel;
  readonly format: AudioFormat;
  readonly seq: number;
  readonly offset: number;
  readonly audio: Binary;
}

/** A report; once it is ready, its file can be fetched. */
export interface Report {
  readonly report_id: string;
  readonly kind: ReportKind;
  readonly state: string;
  readonly created_at: string;
}

/** What a report is about. */
export const ReportKindValues = ["kpis", "sla", "finance"] as const;
export type ReportKind = (typeof ReportKindValues)[number];

/** One's own reports, the latest first. */
export interface ReportPage {
  readonly reports: readonly Report[];
  readonly next_cursor: string | null;
}

/** What a crew said on the radio. */
export interface ReportUnit {
  readonly command_id: string;
  readonly unit_id: string;
  readonly state: UnitState;
}

/** Somebody who lives in a community. */
export interface Resident {
  readonly resident_id: string;
  readonly community_id: string;
  /** Empty until they have signed in. */
  readonly person_id: string | null;
  readonly name: string;
  readonly flat: string;
  readonly phone: string | null;
  readonly suspended_at: string | null;
  readonly version: number;
}

/** One page of a community's residents. */
export interface Residents {
  readonly residents: readonly Resident[];
  readonly next_cursor: string | null;
}

/** Who serves a booking. */
export const ResponderKindValues = ["unit", "staff", "neighbour"] as const;
export type ResponderKind = (typeof ResponderKindValues)[number];

/** Somebody who can be sent. */
export interface ResponderRef {
  readonly kind: ResponderKind;
  readonly responder_id: string;
}

/** Takes a call up again on a new connection. */
export interface ResumeCall {
  readonly call_id: string;
  readonly resume_token: string;
  /** How often the client has taken this call up: one that is heard late takes nothing from a newer one. */
  readonly attempt?: number;
}

/** The review of one call, line by line. */
export interface Review {
  readonly call_id: string;
  readonly started_at: string;
  readonly state: CallState;
  readonly category: number | null;
  readonly protocol: string;
  readonly score: number;
  /** What was not done, or too late to count. */
  readonly missing: readonly string[];
  readonly sheet: ScoreSheet;
}

export interface ReviewPage {
  readonly calls: readonly ReviewedCall[];
  readonly next_cursor: string | null;
}

/** A real call that is closed, measured against its complaint's protocol. */
export interface ReviewedCall {
  readonly call_id: string;
  readonly started_at: string;
  readonly state: CallState;
  readonly category: number | null;
  readonly protocol: string;
  readonly score: number;
  /** What was not done, or too late to count. */
  readonly missing: readonly string[];
}

/** A call rings at this console. */
export interface Ring {
  readonly kind: "ring";
  readonly call: CallSummary;
  readonly step: EscalationStep;
}

export interface RingStopped {
  readonly kind: "ring_stopped";
  readonly call_id: string;
  readonly reason: "answered" | "ended";
}

/** Roles; one person may have several at once. */
export const RoleValues = ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "operator", "supervisor", "trainer"] as const;
export type Role = (typeof RoleValues)[number];

/** A role that somebody has somewhere. */
export interface RoleGrant {
  readonly grant_id: string;
  readonly person_id: string;
  readonly role: Role;
  readonly scope_kind: ScopeKind;
  readonly scope_id: string;
  readonly granted_at: string;
  /** When it stopped to count: revoked, or suspended with its holder or organisation. */
  readonly lost_at: string | null;
}

/** One page of grants. */
export interface RoleGrants {
  readonly grants: readonly RoleGrant[];
  readonly next_cursor: string | null;
}

/** What one call is measured against. */
export interface Rubric {
  readonly rubric_id: string;
  readonly title: string;
  readonly expect: readonly ExpectedAction[];
  readonly forbid?: readonly ForbiddenAction[];
  /** None on a real call: nobody knows the right answers but those who were there. */
  readonly gold?: Gold | null;
  /** Percent of the points. */
  readonly pass_score?: number;
}

/** One training call of one trainee. */
export interface Run {
  readonly run_id: string;
  readonly call_id: string;
  readonly scenario_id: string;
  readonly title: string;
  readonly trainee_id: string;
  readonly trainer_id: string;
  readonly at: string;
  /** As it counts: the last overrule's, else the sheet's. */
  readonly score: number;
  readonly passed: boolean;
  readonly overruled: boolean;
  readonly countersigned: boolean;
}

/** A run with its sheet and what people made of it. */
export interface RunDetail {
  readonly run_id: string;
  readonly call_id: string;
  readonly scenario_id: string;
  readonly title: string;
  readonly trainee_id: string;
  readonly trainer_id: string;
  readonly at: string;
  /** As it counts: the last overrule's, else the sheet's. */
  readonly score: number;
  readonly passed: boolean;
  readonly overruled: boolean;
  readonly countersigned: boolean;
  readonly sheet: ScoreSheet;
  readonly overrules: readonly OverruleView[];
  readonly countersignature: CountersignView | null;
}

export interface RunPage {
  readonly runs: readonly Run[];
  readonly next_cursor: string | null;
}

/** A recorded example call that a browser can play into the server. */
export interface Sample {
  readonly sample_id: string;
  readonly title: string;
  readonly seconds: number;
  readonly url: string;
}

export interface SampleList {
  readonly samples: readonly Sample[];
}

/** What can be played now. */
export interface ScenarioList {
  readonly scenarios: readonly ScenarioOffer[];
  /** When a player was last heard of; None: never. */
  readonly player_seen_at: string | null;
  /** Somebody would play what is asked for now. */
  readonly player_there: boolean;
}

/** A script that a player can play. */
export interface ScenarioOffer {
  readonly scenario_id: string;
  readonly title: string;
  readonly type: string;
  readonly category: number;
  readonly language: string;
  /** 1 calm to 5 hysterical. */
  readonly emotion: number;
  /** 1 to the point to 5 incoherent. */
  readonly erratic: number;
  /** The caller ends the call by then. */
  readonly longest_s: number;
  readonly brief: string;
}

/** What a grant of a role covers. */
export const ScopeKindValues = ["everything", "centre", "hospital", "community"] as const;
export type ScopeKind = (typeof ScopeKindValues)[number];

/** One action of the rubric, and what the log says of it. */
export interface ScoreLine {
  readonly label: string;
  readonly actions: readonly string[];
  readonly verdict: Verdict;
  readonly points: number;
  readonly of: number;
  readonly critical: boolean;
  /** Second of the call. */
  readonly deadline_s: number | null;
  /** Second of the call at which it was done. */
  readonly at_s: number | null;
  /** The log entry that shows it. */
  readonly seq: number | null;
  readonly explanation: string;
}

/** A call measured against a rubric. */
export interface ScoreSheet {
  readonly rubric_id: string;
  readonly passed: boolean;
  /** Percent of the points. */
  readonly score: number;
  readonly critical_missed: readonly string[];
  readonly forbidden_done: readonly string[];
  /** On the card at the end. */
  readonly category: number | null;
  readonly category_right: boolean | null;
  readonly answered_s: number | null;
  readonly lines: readonly ScoreLine[];
  readonly scorecard: readonly ScorecardLine[];
  readonly wrong_fields: readonly FieldName[];
  readonly deeds: readonly DeedView[];
}

/** One line of the public-safety call-taking scorecard. No points: the log cannot show it, a person judges. */
export interface ScorecardLine {
  readonly code: string;
  readonly label: string;
  readonly points: number | null;
  readonly of: number;
  readonly explanation: string;
}

export interface ScriptChosen {
  readonly kind: "card.script_chosen";
  readonly script_id: string;
}

/** A line of the script: what a trainer may have said out of turn. */
export interface ScriptLine {
  readonly line_id: string;
  readonly words: string;
}

/** Instructions that go with the protocol. */
export interface ScriptText {
  readonly script_id: string;
  readonly title: string;
  readonly version: string;
  /** The pace that is beaten, and which script is read instead at which age. */
  readonly about: readonly string[];
  readonly steps: readonly StepText[];
  readonly sources: readonly string[];
}

/** A logged-in operator position. */
export interface Seat {
  readonly seat_id: string;
  readonly person_id: string;
  readonly display_name: string;
  readonly state: SeatState;
  readonly call_id: string | null;
}

export interface SeatChanged {
  readonly kind: "seat";
  readonly seat: Seat;
}

/** Whether a seat takes calls. */
export const SeatStateValues = ["ready", "not_ready", "on_call", "wrap_up"] as const;
export type SeatState = (typeof SeatStateValues)[number];

/** A service that can be booked. */
export interface ServiceType {
  readonly service_type: string;
  readonly policy_version: number;
  readonly title: string;
  readonly modality: Modality;
  /** There at once; otherwise by appointment. */
  readonly immediate: boolean;
  readonly states: readonly BookingStatus[];
  readonly book_roles: readonly Role[];
  readonly price_minor: number;
}

export interface ServiceTypes {
  readonly service_types: readonly ServiceType[];
}

/** A signed-in session: a short access token. The refresh token travels in a cookie that scripts cannot read. */
export interface Session {
  readonly access_token: string;
  readonly expires_at: string;
  readonly me: Me;
}

/** Who put a value on the card. */
export const SetByValues = ["rule", "model", "operator", "caller_device"] as const;
export type SetBy = (typeof SetByValues)[number];

/** The caller speaks this language, whatever the recogniser took it for. */
export interface SetLanguage {
  readonly command_id: string;
  readonly call_id: string;
  /** None: let it be detected again. */
  readonly language: string | null;
}

export interface SetSeatState {
  readonly command_id: string;
  readonly state: "ready" | "not_ready" | "wrap_up";
}

export interface SetUnitDuty {
  readonly command_id: string;
  readonly unit_id: string;
  readonly on_duty: boolean;
}

/** Staff sign in with e-mail and password. */
export interface SignIn {
  readonly email: string;
  readonly password: string;
  /** Of the authenticator app, where the account has one. */
  readonly code?: string | null;
}

/** Approves a protocol for clinical use in a centre, in the version and words that were read. */
export interface SignProtocol {
  readonly version: string;
  readonly digest: string;
  /** Of the authenticator app; needed from whoever has one. */
  readonly code?: string | null;
}

/** A place where somebody is signed in. */
export interface SignedInPlace {
  readonly session_id: string;
  readonly client: string;
  readonly created_at: string;
  readonly last_used_at: string;
  /** Whether the request came out of this session. */
  readonly this_one: boolean;
}

/** Where somebody is signed in, the last used first; at most 100. */
export interface SignedInPlaces {
  readonly sessions: readonly SignedInPlace[];
}

/** Where everything stands; replaces all that the console knew. */
export interface Snapshot {
  readonly kind: "snapshot";
  readonly centre_id: string;
  readonly centre_name: string;
  readonly seat: Seat;
  readonly queue: readonly CallSummary[];
  readonly system: SystemState;
  readonly server_time: string;
}

/** Who set something: the rule's id, the model with its version, or the operator's id. */
export interface Source {
  readonly set_by: SetBy;
  readonly reference: string;
}

/** An utterance has ended; its words replace the stable ones. No words is legal: nothing was said after all. */
export interface SpeechFinal {
  readonly kind: "speech.final";
  readonly utterance: Utterance;
}

/** A better reading of earlier utterances, which it replaces. */
export interface SpeechRevised {
  readonly kind: "speech.revised";
  readonly replaces: readonly string[];
  readonly utterances: readonly Utterance[];
}

/** Newly settled words of an utterance, appended to those before. */
export interface SpeechStable {
  readonly kind: "speech.stable";
  readonly channel: Channel;
  readonly utterance_id: string;
  readonly words: readonly Word[];
}

export interface SpeechTranslated {
  readonly kind: "speech.translated";
  readonly utterance_id: string;
  readonly language: string;
  readonly english: string;
}

/** Gives a call an incident of its own. Merging that one back undoes it. */
export interface SplitCall {
  readonly command_id: string;
  readonly call_id: string;
  /** Of the new incident; the client's choice. */
  readonly incident_id: string;
}

/** One page of a hospital's staff. */
export interface StaffList {
  readonly staff: readonly StaffMember[];
  readonly next_cursor: string | null;
}

/** Somebody who works for a hospital, with the roles that count there. */
export interface StaffMember {
  readonly staff_id: string;
  readonly person_id: string;
  readonly hospital_id: string;
  readonly display_name: string;
  readonly roles: readonly Role[];
  readonly suspended_at: string | null;
  readonly version: number;
}

/** Takes a unit off its incident. */
export interface StandDown {
  readonly command_id: string;
  readonly unit_id: string;
  readonly reason: string;
}

/** What whoever comes to help must know. */
export interface StandingNote {
  readonly kind: NoteKind;
  readonly words: string;
}

/** Opens a call. Only the format is needed; an unknown entry goes to the default dispatch centre. */
export interface StartCall {
  readonly format?: AudioFormatInput;
  readonly channel?: Channel;
  readonly entry?: string;
  readonly phone?: string | null;
  readonly position?: PositionInput | null;
  readonly language?: string | null;
  /** A training call. It is shown as EXERCISE wherever it is shown, and reaches nobody outside the exercise. */
  readonly exercise?: boolean;
  /** For whom an exercise is meant: it rings at this person's seats and at no others. Ignored on a real call. */
  readonly trainee_id?: string | null;
  /** Answers the call-back that was offered for this ended call; needs its resume token. */
  readonly call_back?: string | null;
  readonly resume_token?: string | null;
  /** A random secret of the client's: the same request twice (a lost acknowledgement) opens one call. */
  readonly request_id?: string | null;
}

/** A step of an instruction script was given to the caller. */
export interface StepDone {
  readonly kind: "card.step_done";
  readonly script_id: string;
  readonly step_id: string;
  readonly answer: string | null;
}

/** One step, read aloud word for word. */
export interface StepText {
  readonly number: number;
  readonly say: string;
  /** Where each answer leads, by number or by script. */
  readonly ways: readonly string[];
}

export interface SystemChanged {
  readonly kind: "system";
  readonly system: SystemState;
}

/** What the server can and cannot do at present, in words for operators. */
export interface SystemState {
  readonly journal: Health;
  readonly database: Health;
  readonly broker: Health;
  readonly transcription: Health;
  readonly router: Health;
  readonly models: ModelsState | null;
  readonly messages: readonly string[];
}

/** Somebody on a call, as its line in the queue says it. */
export interface Talker {
  readonly seat_id: string;
  readonly display_name: string;
}

/** One line of a call's log. */
export interface TimelineEntry {
  readonly call_id: string;
  /** Counts from 1 without holes. */
  readonly seq: number;
  readonly at: string;
  /** Seconds since the call started. */
  readonly call_s: number;
  readonly actor: Actor;
  /** The operator's command behind it; the same command twice makes one entry. */
  readonly command_id: string | null;
  readonly body: CallStarted | CallRang | CallAnswered | CallHeld | CallUnheld | CallInterrupted | CallReconnected | CallRecovered | CallOfferedBack | CallEnded | CallBackOffered | CallDisposed | ChannelOpened | AudioGap | SpeechStable | SpeechFinal | SpeechRevised | SpeechTranslated | LanguageDetected | LanguageSet | TranscriptDegraded | CardUpdated | CategoryRaised | CategoryOverridden | FieldAccepted | FieldEdited | QuestionAsked | StepDone | ScriptChosen | HelpSent | CallHandedOver | ModelProposed | ModelSummarised | NoteAdded | TransferOffered | TransferEnded | ColleagueJoined | ColleagueLeft | CallPassedOn | MonitorBegan | MonitorEnded | PlaceConfirmed | UnitMoved | UnitUpgraded | UnitOffered | UnitSearchEnded | IncidentRegrouped | IncidentUpgraded | IncidentClosed | ReferralMade | HelpersAlerted | WelfareChecked;
}

/** One goal of the call's clock, in seconds since the call was answered. */
export interface Timer {
  readonly code: string;
  readonly label: string;
  readonly goal_s: number;
  readonly reached_s: number | null;
  readonly source: string;
}

/** An operator of the centre. */
export interface Trainee {
  readonly person_id: string;
  readonly name: string;
}

export interface TraineeList {
  readonly trainees: readonly Trainee[];
}

/** The transcript comes slower, later, or not at all; the sound itself is untouched. */
export interface TranscriptDegraded {
  readonly kind: "speech.tier";
  readonly tier: string;
  readonly message: string;
}

/** Why an offered call stayed where it was. */
export const TransferEndValues = ["refused", "timed_out", "withdrawn"] as const;
export type TransferEnd = (typeof TransferEndValues)[number];

export interface TransferEnded {
  readonly kind: "transfer.ended";
  readonly how: TransferEnd;
}

/** An offered call, as its line in the queue says it. */
export interface TransferOffer {
  readonly to: Talker;
  /** Then it stays with the giver. */
  readonly until: string;
}

/** The operator who has the call wants a colleague to take it over. */
export interface TransferOffered {
  readonly kind: "transfer.offered";
  readonly seat_id: string;
  readonly person_id: string;
}

export interface UnassignBooking {
  readonly responder_ids: readonly string[];
  readonly reason?: string | null;
}

/** A unit of the centre has changed, or moved. */
export interface UnitChanged {
  readonly kind: "unit";
  readonly unit: UnitView;
}

/** What a centre's supervisor says of a unit. A change says all of it. */
export interface UnitDetails {
  /** No two units of a centre that are in service have the same, whichever case it is written in. */
  readonly call_sign: string;
  /** What it can be sent as: `ambulance`, `first_aid`, `basic_life_support`, `neighbour`, or a word of the centre. */
  readonly capabilities: readonly string[];
  /** Whose paramedics are its crew. None: nobody signs in for it, the desk speaks for it. */
  readonly hospital_id?: string | null;
}

export interface UnitDuty {
  readonly on_duty: boolean;
}

export interface UnitList {
  readonly units: readonly UnitView[];
  readonly next_cursor: string | null;
}

/** A unit that goes to the incident has a new state. */
export interface UnitMoved {
  readonly kind: "unit.moved";
  readonly unit_id: string;
  readonly call_sign: string;
  readonly before: UnitState;
  readonly state: UnitState;
  /** Of standing down, of diverting, or of sending a unit that is not equipped for it. */
  readonly reason: string;
  /** When it was, by the crew's clock, where its word came late out of a dead spot. */
  readonly happened_at: string | null;
}

/** The incident was offered to a unit, or the offer has ended. */
export interface UnitOffered {
  readonly kind: "unit.offered";
  readonly unit_id: string;
  readonly call_sign: string;
  readonly outcome: OfferOutcome;
  /** Of the circle in which was looked; None is everywhere. */
  readonly radius_m: number | null;
}

/** Where a unit is (WGS 84). */
export interface UnitPosition {
  readonly latitude: number;
  readonly longitude: number;
}

/** A unit as those who keep it see it. */
export interface UnitRecord {
  readonly unit: UnitView;
  readonly centre_id: string;
  readonly hospital_id: string | null;
  readonly crew: readonly string[];
}

/** A crew says where it stands. */
export interface UnitReport {
  readonly state: UnitState;
  /** When it was, where the word comes late out of a dead spot. None: now. */
  readonly at?: string | null;
  /** Of which mission it speaks: refused where the unit is on another one by then. None: of whichever it is on. */
  readonly incident_id?: string | null;
}

/** A search for units is over. `exhausted`: no unit is left, and the supervisors were alarmed. */
export interface UnitSearchEnded {
  readonly kind: "unit.search_ended";
  readonly outcome: "filled" | "exhausted" | "withdrawn";
  readonly found: number;
  readonly wanted: number;
}

/** Where a unit stands, in the order of a mission. */
export const UnitStateValues = ["available", "assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "clear"] as const;
export type UnitState = (typeof UnitStateValues)[number];

/** A unit goes with lights and sirens from now on, or no longer. */
export interface UnitUpgraded {
  readonly kind: "unit.upgraded";
  readonly unit_id: string;
  readonly call_sign: string;
  readonly urgent: boolean;
  readonly reason: string;
}

/** A unit as consoles and its crew see it. */
export interface UnitView {
  readonly unit_id: string;
  readonly call_sign: string;
  readonly capabilities: readonly string[];
  readonly on_duty: boolean;
  readonly state: UnitState;
  readonly state_since: string;
  /** Goes with lights and sirens. */
  readonly urgent: boolean;
  readonly incident_id: string | null;
  readonly booking_id: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly position_at: string | null;
  readonly exercise: boolean;
  /** Out of service: no longer on the consoles' boards. */
  readonly withdrawn: boolean;
  readonly version: number;
}

/** Undoes a merge: whatever the incident brought along is its own again. */
export interface UnmergeIncident {
  readonly command_id: string;
  readonly incident_id: string;
}

/** Sets how urgent an incident is; less urgent needs the reason most of all. */
export interface UpgradeIncident {
  readonly command_id: string;
  readonly incident_id: string;
  readonly category: number;
  readonly reason: string;
}

/** Lights and sirens from now on, or no longer. */
export interface UpgradeUnit {
  readonly command_id: string;
  readonly unit_id: string;
  readonly urgent: boolean;
  readonly reason: string;
}

/** A stretch of speech by one side of the call. */
export interface Utterance {
  readonly utterance_id: string;
  readonly channel: Channel;
  readonly words: readonly Word[];
  readonly start_s: number;
  readonly end_s: number;
  readonly language: string;
  /** The same words with numbers and spelled letters written as digits and words; never replaces what was said. */
  readonly normalised: string | null;
  /** English, where the caller spoke another language. */
  readonly translation: string | null;
}

/** What became of one expected or forbidden action. */
export const VerdictValues = ["on_time", "late", "missed", "kept", "broken"] as const;
export type Verdict = (typeof VerdictValues)[number];

/** The first slot of a calendar that becomes free within a window. */
export interface Wait {
  readonly calendar_id: string;
  readonly earliest: string;
  readonly latest: string;
}

/** A booking that waits for a slot of a calendar. Who it is for is told where the booking is read. */
export interface WaitingEntry {
  /** In the line, from 1. Whoever stands before is asked first, and passed over only where no free slot suits them. */
  readonly place: number;
  readonly booking_id: string;
  readonly service_type: string;
  readonly requested_at: string;
  readonly earliest: string;
  /** A slot that begins after it is of no use. */
  readonly latest: string;
}

/** Who waits for a slot of a calendar, the first come first: the bookings within reach, with their places in all. */
export interface WaitingList {
  readonly waiting: readonly WaitingEntry[];
  readonly next_cursor: string | null;
}

export const WeekdayValues = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof WeekdayValues)[number];

/** When it is open on a day of every week. */
export interface WeekdayHours {
  readonly weekday: Weekday;
  readonly openings: readonly OpeningTime[];
}

/** Somebody called back while the incident waited, or it is due. */
export interface WelfareChecked {
  readonly kind: "welfare.checked";
  readonly outcome: "due" | "better" | "same" | "worse" | "no_answer";
  readonly next_due_at: string | null;
}

/** Takes a centre's approval back, at once. */
export interface WithdrawApproval {
  readonly reason: string;
}

/** Takes the offer back. */
export interface WithdrawTransfer {
  readonly command_id: string;
  readonly call_id: string;
}

/** One word with its place on the channel's clock. */
export interface Word {
  readonly text: string;
  readonly start_s: number;
  readonly end_s: number;
  readonly confidence: number;
}

/** What a client of `/caller` sends to the server. */
export interface CallerSends {
  "call.start": (body: StartCall, ack: (answer: CallOpened | Problem) => void) => void;
  "call.resume": (body: ResumeCall, ack: (answer: CallOpened | Problem) => void) => void;
  "audio.frame": (body: AudioFrame) => void;
  "call.end": (body: EndCall, ack: (answer: CallerCallState | Problem) => void) => void;
}

/** What a client of `/caller` receives from the server. */
export interface CallerReceives {
  "hello": (body: CallerHello) => void;
  "audio.ack": (body: AudioAck) => void;
  "audio.relay": (body: RelayedFrame) => void;
  "call.state": (body: CallerCallState) => void;
  "call.call_back": (body: CallBackOffer) => void;
  "problem": (body: Problem) => void;
}

/** What a client of `/operator` sends to the server. */
export interface OperatorSends {
  "console.ack": (body: DeliveryAck) => void;
  "console.reauth": (body: Reauthenticate, ack: (answer: ConsoleHello | Problem) => void) => void;
  "audio.frame": (body: ConsoleAudioFrame) => void;
  "seat.set": (body: SetSeatState, ack: (answer: CommandDone | Problem) => void) => void;
  "call.open": (body: OpenCall, ack: (answer: CommandDone | Problem) => void) => void;
  "call.leave": (body: LeaveCall, ack: (answer: CommandDone | Problem) => void) => void;
  "call.answer": (body: AnswerCall, ack: (answer: CommandDone | Problem) => void) => void;
  "call.hold": (body: HoldCall, ack: (answer: CommandDone | Problem) => void) => void;
  "call.hang_up": (body: HangUpCall, ack: (answer: CommandDone | Problem) => void) => void;
  "call.call_back": (body: CallBack, ack: (answer: CommandDone | Problem) => void) => void;
  "call.language": (body: SetLanguage, ack: (answer: CommandDone | Problem) => void) => void;
  "call.help_sent": (body: MarkHelpSent, ack: (answer: CommandDone | Problem) => void) => void;
  "call.hand_over": (body: HandOverCall, ack: (answer: CommandDone | Problem) => void) => void;
  "call.dispose": (body: DisposeCall, ack: (answer: CommandDone | Problem) => void) => void;
  "seats.ask": (body: AskColleagues, ack: (answer: CommandDone | Problem) => void) => void;
  "call.transfer": (body: OfferTransfer, ack: (answer: CommandDone | Problem) => void) => void;
  "call.transfer_withdraw": (body: WithdrawTransfer, ack: (answer: CommandDone | Problem) => void) => void;
  "call.transfer_answer": (body: AnswerTransfer, ack: (answer: CommandDone | Problem) => void) => void;
  "call.depart": (body: LeaveTalk, ack: (answer: CommandDone | Problem) => void) => void;
  "call.monitor": (body: MonitorCall, ack: (answer: CommandDone | Problem) => void) => void;
  "call.join": (body: JoinCall, ack: (answer: CommandDone | Problem) => void) => void;
  "card.accept": (body: AcceptField, ack: (answer: CommandDone | Problem) => void) => void;
  "card.edit": (body: EditField, ack: (answer: CommandDone | Problem) => void) => void;
  "card.override": (body: OverrideCategory, ack: (answer: CommandDone | Problem) => void) => void;
  "card.question": (body: MarkQuestion, ack: (answer: CommandDone | Problem) => void) => void;
  "card.step": (body: MarkStep, ack: (answer: CommandDone | Problem) => void) => void;
  "card.script": (body: ChooseScript, ack: (answer: CommandDone | Problem) => void) => void;
  "note.add": (body: AddNote, ack: (answer: CommandDone | Problem) => void) => void;
  "place.confirm": (body: ConfirmPlace, ack: (answer: CommandDone | Problem) => void) => void;
  "unit.dispatch": (body: DispatchUnit, ack: (answer: CommandDone | Problem) => void) => void;
  "unit.offer": (body: OfferUnits, ack: (answer: CommandDone | Problem) => void) => void;
  "unit.stand_down": (body: StandDown, ack: (answer: CommandDone | Problem) => void) => void;
  "unit.divert": (body: DivertUnit, ack: (answer: CommandDone | Problem) => void) => void;
  "unit.upgrade": (body: UpgradeUnit, ack: (answer: CommandDone | Problem) => void) => void;
  "unit.report": (body: ReportUnit, ack: (answer: CommandDone | Problem) => void) => void;
  "unit.duty": (body: SetUnitDuty, ack: (answer: CommandDone | Problem) => void) => void;
  "incident.open": (body: OpenIncident, ack: (answer: CommandDone | Problem) => void) => void;
  "incident.merge": (body: MergeIncident, ack: (answer: CommandDone | Problem) => void) => void;
  "incident.unmerge": (body: UnmergeIncident, ack: (answer: CommandDone | Problem) => void) => void;
  "incident.split": (body: SplitCall, ack: (answer: CommandDone | Problem) => void) => void;
  "incident.upgrade": (body: UpgradeIncident, ack: (answer: CommandDone | Problem) => void) => void;
  "incident.close": (body: CloseIncident, ack: (answer: CommandDone | Problem) => void) => void;
  "incident.welfare": (body: CheckWelfare, ack: (answer: CommandDone | Problem) => void) => void;
  "referral.make": (body: ReferCall, ack: (answer: CommandDone | Problem) => void) => void;
  "helpers.alert": (body: AlertHelpers, ack: (answer: CommandDone | Problem) => void) => void;
}

/** What a client of `/operator` receives from the server. */
export interface OperatorReceives {
  "hello": (body: ConsoleHello) => void;
  "delivery": (body: Delivery) => void;
  "audio.relay": (body: RelayedFrame) => void;
  "audio.ack": (body: AudioAck) => void;
  "problem": (body: Problem) => void;
}
