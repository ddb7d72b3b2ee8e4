/**
 * A console's connection: takes its deliveries in sequence, confirms them, sends commands until they are answered, keeps
 * the access token fresh without ever cutting the line, and says honestly since when it has not heard the server.
 */
import { io, type Socket } from "socket.io-client";

import { randomId } from "./caller.ts";
import { CommandQueue, type CommandBody, type CommandName, type KeyValueStore, type PendingCommand } from "./commands.ts";
import type {
  AudioAck,
  CommandDone,
  Delivery,
  OperatorReceives,
  OperatorSends,
  Problem,
  RelayedFrame,
} from "./contract.ts";
import { START, take, type Cursor } from "./cursor.ts";
import { isProblem, localProblem, ProblemError, UNREACHABLE } from "./problems.ts";
import type { SessionClient } from "./session.ts";
import { Store } from "./store.ts";

/** Deliveries are confirmed together: this many, or those of this time. The server sends 32 ahead. */
const ACK_EVERY = 8;
const ACK_EVERY_MS = 250;
const ANSWER_TIMEOUT_MS = 10_000;
const COMMAND_TRIES = 4;
/** The server pings every 15 s; a line that has been silent for longer than this is not live. */
const SILENT_AFTER_MS = 20_000;
/** `heardAt` is this coarse, so that watchers of the line are not woken by every delivery. */
const HEARD_STEP_MS = 1000;
const CONSOLE_ID = "kiwimesh.console";

export interface Link {
  /** `refused`: this account may not; `superseded`: another window took this console over; `signed_out`: no session. */
  readonly state: "connecting" | "live" | "stale" | "refused" | "superseded" | "signed_out";
  /** When the server was last heard, milliseconds of this computer's clock. */
  readonly heardAt: number;
  readonly problem: Problem | null;
}

export interface OperatorListeners {
  readonly onDelivery: (body: Delivery["body"]) => void;
  readonly onRelay: (frame: RelayedFrame) => void;
  readonly onVoiceConfirmed: (ack: AudioAck) => void;
  readonly onVoiceRewind: (expectedSeq: number) => void;
  readonly onVoicePause: () => void;
  readonly onProblem: (problem: Problem) => void;
}

export interface OperatorOptions {
  readonly url?: string;
  readonly session: Pick<SessionClient, "token" | "refresh">;
  readonly store: KeyValueStore;
  readonly listeners: OperatorListeners;
}

interface Waiting {
  readonly done: (done: CommandDone) => void;
  readonly failed: (error: ProblemError) => void;
  tries: number;
}

type OperatorSocket = Socket<OperatorReceives, OperatorSends>;

export class OperatorConnection {
  readonly link = new Store<Link>({ state: "connecting", heardAt: 0, problem: null });
  readonly unanswered = new Store<number>(0);
  private readonly options: OperatorOptions;
  private readonly socket: OperatorSocket;
  private readonly queue: CommandQueue;
  private readonly waiting = new Map<string, Waiting>();
  private cursor: Cursor = START;
  private ackTimer: ReturnType<typeof setTimeout> | null = null;
  private unconfirmed = 0;
  private watch: ReturnType<typeof setInterval> | null = null;
  private closed = false;

  constructor(options: OperatorOptions) {
    this.options = options;
    this.queue = new CommandQueue(options.store);
    this.socket = io(`${options.url ?? ""}/operator`, {
      transports: ["websocket"],
      autoConnect: false,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5000,
      auth: (give) => void this.credentials().then(give),
    });
    this.listen();
  }

  connect(): void {
    this.closed = false;
    this.watch ??= setInterval(() => this.notice(), 1000);
    this.socket.connect();
  }

  close(): void {
    this.closed = true;
    if (this.watch) clearInterval(this.watch);
    this.watch = null;
    this.socket.disconnect();
  }

  /** Ends the work of this person on this computer: nothing of theirs stays in the tab. */
  forget(): void {
    this.close();
    this.queue.clear();
    this.options.store.removeItem(CONSOLE_ID);
  }

  /** Takes the console back from another window. */
  takeOver(): void {
    this.setLink("connecting");
    this.socket.connect();
  }

  /** Resolves when it is done and safe on the server's disk. Throws ProblemError with the reason when it is refused. */
  command<Name extends CommandName>(name: Name, body: CommandBody<Name>): Promise<CommandDone> {
    const command = this.queue.add(randomId(), name, body);
    if (!command) {
      return Promise.reject(new ProblemError(localProblem("too_many", "Too many actions are waiting.", "Wait until the connection is back.")));
    }
    this.unanswered.set(this.queue.unanswered.length);
    return new Promise((done, failed) => {
      this.waiting.set(command.id, { done, failed, tries: 0 });
      if (this.socket.connected) void this.send(command);
    });
  }

  sendVoice(callId: string, frame: { seq: number; offset: number; audio: Uint8Array<ArrayBuffer> }): void {
    if (this.socket.connected) this.socket.emit("audio.frame", { call_id: callId, ...frame });
  }

  private listen(): void {
    this.socket.on("hello", (hello) => {
      if (!hello.resumed) this.cursor = START;
      this.heard();
      this.resendCommands();
    });
    this.socket.on("delivery", (delivery) => {
      this.heard();
      const [verdict, cursor] = take(this.cursor, delivery);
      this.cursor = cursor;
      if (verdict === "hole") return this.reconnect();
      this.confirmSoon();
      if (verdict === "seen") return;
      if (delivery.body.kind === "reauth") void this.reauthenticate();
      else this.options.listeners.onDelivery(delivery.body);
    });
    this.socket.on("audio.relay", (frame) => this.options.listeners.onRelay(frame));
    this.socket.on("audio.ack", (ack) => this.options.listeners.onVoiceConfirmed(ack));
    this.socket.on("problem", (problem) => this.takeProblem(problem));
    this.socket.on("disconnect", (reason) => this.disconnected(reason));
    this.socket.on("connect_error", (error) => this.refused(error));
    this.socket.io.on("ping", () => this.heard());
  }

  private async credentials(): Promise<{ [key: string]: unknown }> {
    const token = await this.options.session.token().catch(() => "");
    return { token, console_id: this.consoleId(), epoch: this.cursor.epoch, last_seq: this.cursor.seq };
  }

  private consoleId(): string {
    const { store } = this.options;
    const id = store.getItem(CONSOLE_ID) ?? randomId();
    store.setItem(CONSOLE_ID, id);
    return id;
  }

  private heard(): void {
    const { state, heardAt } = this.link.get();
    if (!this.socket.connected || (state === "live" && Date.now() - heardAt < HEARD_STEP_MS)) return;
    this.link.set({ state: "live", heardAt: Date.now(), problem: null });
  }

  private notice(): void {
    const { state, heardAt } = this.link.get();
    if (state === "live" && Date.now() - heardAt > SILENT_AFTER_MS) this.setLink("stale");
  }

  private setLink(state: Link["state"], problem: Problem | null = null): void {
    this.link.set({ state, heardAt: this.link.get().heardAt, problem });
  }

  private disconnected(reason: string): void {
    this.options.listeners.onVoicePause();
    this.stopAckTimer();
    if (this.link.get().state === "live") this.setLink("stale");
    if (reason === "io server disconnect") this.tryAgain(500 + Math.random() * 1000);
  }

  private refused(error: Error & { data?: unknown }): void {
    if (this.socket.active) {
      // The network, not the server's word: Socket.IO tries again by itself.
      this.setLink(this.link.get().heardAt > 0 ? "stale" : "connecting", UNREACHABLE);
      return;
    }
    const problem = isProblem(error.data) ? error.data : UNREACHABLE;
    if (problem.code === "token_expired" || problem.code === "sign_in_failed") void this.renewAndConnect();
    else if (problem.code === "not_allowed") this.setLink("refused", problem);
    else {
      this.setLink(this.link.get().heardAt > 0 ? "stale" : "connecting", problem);
      this.tryAgain(1000 + Math.random() * 2000);
    }
  }

  private async renewAndConnect(): Promise<void> {
    try {
      await this.options.session.refresh();
      this.tryAgain(0);
    } catch (error) {
      const problem = error instanceof ProblemError ? error.problem : UNREACHABLE;
      if (problem.retryable) this.tryAgain(2000);
      else this.setLink("signed_out", problem);
    }
  }

  private tryAgain(delay: number): void {
    if (this.closed || ["superseded", "refused"].includes(this.link.get().state)) return;
    setTimeout(() => {
      if (!this.closed && !this.socket.connected) this.socket.connect();
    }, delay);
  }

  /** Something was lost on this connection: a new one is sent what is missing. */
  private reconnect(): void {
    this.socket.disconnect();
    this.tryAgain(200);
  }

  private confirmSoon(): void {
    this.unconfirmed += 1;
    if (this.unconfirmed >= ACK_EVERY) this.confirm();
    else this.ackTimer ??= setTimeout(() => this.confirm(), ACK_EVERY_MS);
  }

  private confirm(): void {
    this.stopAckTimer();
    const { epoch, seq } = this.cursor;
    if (epoch && this.socket.connected) this.socket.emit("console.ack", { epoch, seq });
  }

  private stopAckTimer(): void {
    if (this.ackTimer) clearTimeout(this.ackTimer);
    this.ackTimer = null;
    this.unconfirmed = 0;
  }

  private async reauthenticate(): Promise<void> {
    try {
      const session = await this.options.session.refresh();
      const answer = await this.ask("console.reauth", { token: session.access_token });
      if (isProblem(answer)) this.options.listeners.onProblem(answer);
    } catch (error) {
      if (error instanceof ProblemError) this.options.listeners.onProblem(error.problem);
    }
  }

  private takeProblem(problem: Problem): void {
    if (problem.retryable && problem.expected_seq !== null) {
      this.options.listeners.onVoiceRewind(problem.expected_seq);
    } else if (problem.code === "superseded") {
      this.setLink("superseded", problem);
    } else {
      this.options.listeners.onProblem(problem);
    }
  }

  private resendCommands(): void {
    for (const command of this.queue.unanswered) void this.send(command);
  }

  private async send(command: PendingCommand): Promise<void> {
    const answer = await this.ask(command.name, { ...command.body, command_id: command.id });
    const problem = isProblem(answer) ? answer : (answer as CommandDone).problem;
    if (answer === UNREACHABLE) return this.retry(command, UNREACHABLE, 0);
    if (problem?.retryable) return this.retry(command, problem, 1000);
    this.settle(command.id, (waiting) => {
      if (problem) waiting.failed(new ProblemError(problem));
      else waiting.done(answer as CommandDone);
    });
  }

  /** Unanswered commands wait for the connection for as long as it takes; refused ones are tried a few times. */
  private retry(command: PendingCommand, problem: Problem, delay: number): void {
    const waiting = this.waiting.get(command.id);
    if (problem !== UNREACHABLE && waiting && ++waiting.tries >= COMMAND_TRIES) {
      this.settle(command.id, ({ failed }) => failed(new ProblemError(problem)));
      return;
    }
    setTimeout(() => {
      if (this.socket.connected && this.queue.has(command.id)) void this.send(command);
    }, delay);
  }

  private settle(id: string, tell: (waiting: Waiting) => void): void {
    this.queue.answered(id);
    this.unanswered.set(this.queue.unanswered.length);
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (waiting) tell(waiting);
  }

  private ask(name: keyof OperatorSends, body: object): Promise<unknown> {
    const asking = this.socket.timeout(ANSWER_TIMEOUT_MS) as unknown as {
      emitWithAck(event: string, body: object): Promise<unknown>;
    };
    return asking.emitWithAck(name, body).catch(() => UNREACHABLE);
  }
}
