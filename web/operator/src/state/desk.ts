/** The operator's desk: the connection, what it knows, and what the operator does. One for each signed-in page. */
import {
  applyDelivery,
  EMPTY_CONSOLE,
  expectCall,
  forgetCall,
  monitoredByMe,
  offeredToMe,
  HttpClient,
  isProblem,
  OperatorConnection,
  ProblemError,
  Store,
  UNOPENED,
  type CommandBody,
  type CommandDone,
  type CommandName,
  type ConsoleState,
  type DeliveryBody,
  type OpenedCall,
  type Problem,
  type SessionClient,
} from "@kiwimesh/sdk";

import { strings } from "../strings.ts";
import { keepCards } from "./cards.ts";
import { keep, KEEP_EVERY_MS, lastKnownOf } from "./last-known.ts";
import { Playback } from "./playback.ts";
import { Surges } from "./surges.ts";
import { Undo } from "./undo.ts";
import { sounds } from "./sounds.ts";
import { change } from "./view.ts";
import { Voice } from "./voice.ts";

export interface Notice {
  readonly id: number;
  readonly problem: Problem;
}

const NOTICES = 4;

export class Desk {
  readonly console = new Store<ConsoleState>(EMPTY_CONSOLE);
  /** The call that is shown in the middle. */
  readonly shown = new Store<string | null>(null);
  readonly notices = new Store<readonly Notice[]>([]);
  readonly connection: OperatorConnection;
  readonly voice: Voice;
  readonly playback: Playback;
  readonly undo = new Undo();
  readonly surges: Surges;
  private readonly session: SessionClient;
  private keeping: ReturnType<typeof setTimeout> | null = null;
  private noticeId = 0;

  constructor(session: SessionClient) {
    this.session = session;
    this.connection = new OperatorConnection({
      session,
      store: sessionStorage,
      listeners: {
        onDelivery: (body) => this.take(body),
        onRelay: (frame) => this.voice.relay(frame),
        onVoiceConfirmed: (ack) => this.voice.confirmed(ack),
        onVoiceRewind: (seq) => this.voice.rewind(seq),
        onVoicePause: () => this.voice.pause(),
        onProblem: (problem) => this.hear(problem),
      },
    });
    this.voice = new Voice(this.connection);
    this.playback = new Playback(new HttpClient(session), (problem) => this.tell(problem));
    this.surges = new Surges(this.console);
    this.connection.link.subscribe(() => {
      if (this.connection.link.get().state === "live") this.voice.awaitServer();
    });
  }

  /** Whether this person may listen to others' calls and join them. The server has the last word. */
  get supervisor(): boolean {
    return this.roles.includes("supervisor");
  }

  get roles(): readonly string[] {
    return this.session.current?.me.roles ?? [];
  }

  open(): void {
    window.addEventListener("pagehide", this.leavePage);
    keepCards();
    this.surges.open();
    this.connection.connect();
  }

  close(): void {
    window.removeEventListener("pagehide", this.leavePage);
    this.undo.settle();
    if (this.keeping) clearTimeout(this.keeping);
    this.keeping = null;
    this.surges.close();
    sounds.ring(false);
    sounds.alert(false);
    sounds.metronome(null);
    this.voice.end();
    this.playback.close();
    this.connection.close();
  }

  /** Does it, or tells the operator why not. Resolves to null when it was refused. */
  async act<Name extends CommandName>(name: Name, body: CommandBody<Name>): Promise<CommandDone | null> {
    try {
      return await this.connection.command(name, body);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.tell(error.problem);
      return null;
    }
  }

  /** A decision that still waits is kept with the actions that are sent when the page is back. */
  private readonly leavePage = (): void => this.undo.settle();

  show(callId: string): void {
    const before = this.shown.get();
    if (before === callId) return;
    this.shown.set(callId);
    this.playback.stop();
    change({ place: null });
    this.console.update((state) => expectCall(state, callId));
    this.readLog(callId);
    if (before !== null && before !== this.console.get().seat?.call_id) this.leave(before);
  }

  async answer(callId: string): Promise<void> {
    if (await this.act("call.answer", { call_id: callId })) this.show(callId);
  }

  /** What this page alone decides about what it shows of units and alarms. */
  setBoard(changed: (board: ConsoleState["board"]) => ConsoleState["board"]): void {
    this.console.update((state) => ({ ...state, board: changed(state.board) }));
    sounds.alert(this.console.get().board.alarms.length > 0);
  }

  dismiss(id: number): void {
    this.notices.update((notices) => notices.filter((notice) => notice.id !== id));
  }

  private take(body: DeliveryBody): void {
    const before = this.console.get();
    const after = applyDelivery(before, body, Date.now());
    this.console.set(after);
    if (after.queue !== before.queue || after.board !== before.board) this.keepSoon();
    if (body.kind === "snapshot") for (const callId of after.calls.keys()) this.readLog(callId);
    if (body.kind === "entries") this.noticeEntries(body.call_id, before, after);
    if (body.kind === "snapshot" || body.kind === "seat") this.followSeat(after);
    if (body.kind === "queue" && body.call.state === "closed") this.putAway(body.call.call_id);
    this.voice.listen(monitoredByMe(after)?.call_id ?? null);
    document.title = strings.title(after.rings.size);
    sounds.ring((after.rings.size > 0 && after.seat?.state !== "on_call") || offeredToMe(after) !== null);
    sounds.alert(after.board.alarms.length > 0);
  }

  private keepSoon(): void {
    this.keeping ??= setTimeout(() => {
      this.keeping = null;
      keep(localStorage, lastKnownOf(this.console.get(), Date.now()));
    }, KEEP_EVERY_MS);
  }

  private noticeEntries(callId: string, before: ConsoleState, after: ConsoleState): void {
    const call = after.calls.get(callId) ?? UNOPENED;
    const earlier = before.calls.get(callId) ?? UNOPENED;
    if (call.view.hole && !earlier.view.hole) this.readLog(callId);
    const raised = earlier.loaded && call.view.raisedSeq !== earlier.view.raisedSeq;
    if (raised && call.view.card?.category === 1) sounds.alarm();
  }

  /** The seat's own call is shown and spoken with, wherever it was answered. */
  private followSeat({ seat }: ConsoleState): void {
    const callId = seat?.state === "on_call" ? seat.call_id : null;
    if (callId === null) return this.voice.end();
    if (this.voice.state.get().callId === callId) return;
    this.voice.begin(callId);
    this.show(callId);
  }

  private readLog(callId: string): void {
    const { view } = this.console.get().calls.get(callId) ?? UNOPENED;
    void this.act("call.open", { call_id: callId, after_seq: view.lastSeq });
  }

  /** A closed call is off the desk. */
  private putAway(callId: string): void {
    if (this.shown.get() !== callId) return;
    this.shown.set(null);
    this.leave(callId);
  }

  private leave(callId: string): void {
    this.console.update((state) => forgetCall(state, callId));
    void this.act("call.leave", { call_id: callId });
  }

  /** A problem that answers no command. The last words into a call that has just ended are nobody's mistake. */
  private hear(problem: Problem): void {
    if (problem.code === "call_ended") this.voice.end();
    else this.tell(problem);
  }

  private tell(problem: Problem): void {
    if (!isProblem(problem)) return;
    this.noticeId += 1;
    const notice = { id: this.noticeId, problem };
    this.notices.update((notices) => [...notices, notice].slice(-NOTICES));
  }
}

export function openedCall(state: ConsoleState, callId: string | null): OpenedCall {
  return (callId !== null && state.calls.get(callId)) || UNOPENED;
}
