/**
 * A caller's side of a call. Frames are kept until the server has them on disk; a broken connection, a lost answer or a
 * reload of the page is taken up again with the call's token, so that nothing confirmed is lost and nothing is doubled.
 */
import { io, type Socket } from "socket.io-client";

import type { KeyValueStore } from "./commands.ts";
import type {
  AudioAck,
  AudioFormat,
  CallBackOffer,
  CallerCallState,
  CallerReceives,
  CallerSends,
  CallOpened,
  CallPhase,
  Problem,
  RelayedFrame,
  StartCall,
} from "./contract.ts";
import { FrameLog } from "./frames.ts";
import { isProblem, UNREACHABLE } from "./problems.ts";
import { FrameSender } from "./sender.ts";
import { Store } from "./store.ts";

const KEPT_S = 60;
const WINDOW_S = 3;
const ANSWER_TIMEOUT_MS = 8000;
const RECORD = "kiwimesh.call";

export interface CallerState {
  readonly link: "connecting" | "connected" | "broken";
  /** `none` before a call, `opening` until the server has answered. */
  readonly phase: CallPhase | "none" | "opening";
  readonly callId: string | null;
  readonly message: string;
  readonly waitedS: number;
  readonly publicNumber: string;
  readonly offer: CallBackOffer | null;
  /** Sound that is not on the server's disk yet, in seconds. */
  readonly unconfirmedS: number;
  readonly problem: Problem | null;
  /** That the call is recorded, in the centre's words. */
  readonly notice: string;
}

interface CallRecord {
  readonly callId: string;
  readonly resumeToken: string;
  readonly format: AudioFormat;
  /** Wall clock of sample 0, milliseconds. */
  readonly began: number;
  /** How often the call was taken up again: a request that arrives late takes nothing from a newer one. */
  readonly attempt: number;
}

type CallerSocket = Socket<CallerReceives, CallerSends>;

const QUIET: CallerState = {
  link: "connecting",
  phase: "none",
  callId: null,
  message: "",
  waitedS: 0,
  publicNumber: "",
  offer: null,
  unconfirmedS: 0,
  problem: null,
  notice: "",
};

export interface CallerOptions {
  readonly url?: string;
  readonly store: KeyValueStore;
  readonly onRelay: (frame: RelayedFrame) => void;
  readonly makeId?: () => string;
}

export class CallerConnection {
  readonly state = new Store<CallerState>(QUIET);
  private readonly socket: CallerSocket;
  private readonly options: CallerOptions;
  private sender: FrameSender | null = null;
  private record: CallRecord | null;
  private wish: StartCall | null = null;
  private ending = false;

  constructor(options: CallerOptions) {
    this.options = options;
    this.record = restore(options.store);
    this.socket = io(`${options.url ?? ""}/caller`, {
      transports: ["websocket"],
      autoConnect: false,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3000,
    });
    this.listen();
  }

  connect(): void {
    this.socket.connect();
  }

  close(): void {
    this.socket.disconnect();
  }

  /** Opens a call; sound may be pushed at once, it is kept until the call is open. */
  start(format: AudioFormat, details: Omit<StartCall, "format" | "request_id"> = {}): void {
    this.wish = { ...details, format, request_id: (this.options.makeId ?? randomId)() };
    this.sender = this.makeSender(format);
    this.ending = false;
    this.patch({ phase: "opening", callId: null, message: "", problem: null, offer: null, unconfirmedS: 0 });
    if (this.socket.connected) void this.open();
  }

  /** Answers the operator's call back. */
  acceptCallBack(format: AudioFormat): void {
    const { offer } = this.state.get();
    if (!offer || !this.record) return;
    this.start(format, { call_back: offer.call_id, resume_token: this.record.resumeToken });
  }

  /** One frame in the format that the call was started with. */
  push(audio: Uint8Array<ArrayBuffer>, samples: number): void {
    this.sender?.push(audio, samples);
    this.showUnconfirmed();
  }

  /** Hangs up, at once or when the connection is back. Sound that is still on its way is sent and awaited. */
  end(): void {
    this.ending = true;
    if (this.socket.connected && this.state.get().phase !== "opening") void this.sendEnd();
  }

  private listen(): void {
    this.socket.on("connect", () => this.connected());
    this.socket.on("disconnect", (reason) => this.disconnected(reason));
    this.socket.on("connect_error", () => this.patch({ link: "broken" }));
    this.socket.on("hello", (hello) => this.patch({ publicNumber: hello.public_number }));
    this.socket.on("audio.ack", (ack) => this.confirmed(ack));
    this.socket.on("audio.relay", (frame) => this.options.onRelay(frame));
    this.socket.on("call.state", (state) => this.takeState(state));
    this.socket.on("call.call_back", (offer) => this.patch({ offer }));
    this.socket.on("problem", (problem) => this.takeProblem(problem));
  }

  private connected(): void {
    this.patch({ link: "connected" });
    void this.open();
  }

  private disconnected(reason: string): void {
    this.sender?.pause();
    const { problem } = this.state.get();
    this.patch({ link: "broken" });
    const mine = reason === "io client disconnect" || problem?.code === "superseded";
    if (!mine && reason === "io server disconnect") setTimeout(() => this.socket.connect(), 1000);
  }

  /** Opens the wished call, or takes the open one up again. */
  private async open(): Promise<void> {
    if (this.wish) await this.openNew(this.wish);
    else if (this.record) await this.openAgain(this.record);
  }

  private async openNew(wish: StartCall): Promise<void> {
    const began = Date.now();
    const answer = await this.ask("call.start", wish);
    if (wish !== this.wish) return;
    if (isProblem(answer)) return this.refused(answer);
    this.wish = null;
    this.opened(answer as CallOpened, { format: wish.format as AudioFormat, began, attempt: 0 });
  }

  private async openAgain(record: CallRecord): Promise<void> {
    const attempt = record.attempt + 1;
    this.keep({ ...record, attempt });
    const answer = await this.ask("call.resume", { call_id: record.callId, resume_token: record.resumeToken, attempt });
    if (isProblem(answer)) return this.refused(answer);
    if (!this.sender) {
      // The page was loaded anew: sound went missing in between, so that the clock must jump.
      this.sender = this.makeSender(record.format);
      const elapsed = (Date.now() - record.began) / 1000;
      this.sender.log.skipTo(Math.round(elapsed * record.format.sample_rate));
    }
    this.opened(answer as CallOpened, { ...record, attempt });
  }

  private opened(call: CallOpened, about: Pick<CallRecord, "format" | "began" | "attempt">): void {
    this.keep({ callId: call.call_id, resumeToken: call.resume_token, format: about.format, began: about.began, attempt: about.attempt });
    this.patch({ callId: call.call_id, phase: call.state, problem: null, notice: call.notice });
    this.sender?.resume(call.next_seq, call.next_offset);
    this.showUnconfirmed();
    if (this.ending) void this.sendEnd();
  }

  private keep(record: CallRecord): void {
    this.record = record;
    this.options.store.setItem(RECORD, JSON.stringify(record));
  }

  private async sendEnd(): Promise<void> {
    const answer = await this.ask("call.end", { next_seq: this.sender?.log.nextSeq ?? 0 });
    if (!isProblem(answer)) this.takeState(answer as CallerCallState);
    else if (answer.retryable) setTimeout(() => this.socket.connected && void this.sendEnd(), 1000);
    else this.patch({ phase: "ended" });
  }

  private refused(problem: Problem): void {
    if (this.state.get().phase === "ended") return; // over already; the server need not know us for a call back
    this.patch({ problem });
    if (problem.retryable) {
      setTimeout(() => this.socket.connected && void this.open(), 1000);
      return;
    }
    this.wish = null;
    this.forgetCall();
    this.patch({ phase: "ended" });
  }

  private confirmed(ack: AudioAck): void {
    this.sender?.confirmed(ack.next_seq, ack.next_offset);
    this.showUnconfirmed();
  }

  private takeState(state: CallerCallState): void {
    const { call_id: callId, phase, message, waited_s: waitedS, public_number: publicNumber } = state;
    if (this.state.get().callId !== null && callId !== this.state.get().callId) return;
    this.patch({ callId, phase, message, waitedS, publicNumber });
    if (phase === "ended") this.options.store.removeItem(RECORD);
  }

  private takeProblem(problem: Problem): void {
    if (problem.retryable && problem.expected_seq !== null) {
      this.sender?.rewind(problem.expected_seq);
    } else {
      this.patch({ problem });
    }
  }

  private forgetCall(): void {
    this.record = null;
    this.options.store.removeItem(RECORD);
  }

  private makeSender(format: AudioFormat): FrameSender {
    const rate = format.sample_rate;
    return new FrameSender(new FrameLog(KEPT_S * rate), (frame) => this.socket.emit("audio.frame", frame), WINDOW_S * rate);
  }

  private showUnconfirmed(): void {
    const rate = this.wish?.format?.sample_rate ?? this.record?.format.sample_rate ?? 16000;
    const unconfirmedS = Math.round((10 * (this.sender?.log.unconfirmed ?? 0)) / rate) / 10;
    this.patch({ unconfirmedS });
  }

  private patch(change: Partial<CallerState>): void {
    const state = this.state.get();
    const differs = (Object.keys(change) as (keyof CallerState)[]).some((key) => change[key] !== state[key]);
    if (differs) this.state.set({ ...state, ...change });
  }

  private async ask<Name extends "call.start" | "call.resume" | "call.end">(
    name: Name,
    body: Parameters<CallerSends[Name]>[0],
  ): Promise<unknown> {
    const asking = this.socket.timeout(ANSWER_TIMEOUT_MS) as unknown as {
      emitWithAck(event: string, body: object): Promise<unknown>;
    };
    return asking.emitWithAck(name, body).catch(() => UNREACHABLE);
  }
}

function restore(store: KeyValueStore): CallRecord | null {
  try {
    const kept = JSON.parse(store.getItem(RECORD) ?? "null") as CallRecord | null;
    return kept && { ...kept, attempt: kept.attempt ?? 0 };
  } catch {
    return null;
  }
}

export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("");
}
