/**
 * A server for tests of the clients alone: keeps the contract's promises about sequence, resume and commands, in memory,
 * and does nothing with what it is told but remember it. What the real server does is tested against the real server.
 */
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Server, type Socket } from "socket.io";

import type {
  AudioFrame,
  CallOpened,
  Command,
  CommandDone,
  ConsoleAuth,
  ConsoleHello,
  Delivery,
  DeliveryAck,
  Problem,
} from "./wire.ts";

export class FakeServer {
  readonly http: HttpServer;
  readonly io: Server;
  readonly outbox: Delivery[] = [];
  readonly commands: { name: string; body: Command }[] = [];
  readonly acks: DeliveryAck[] = [];
  readonly auths: ConsoleAuth[] = [];
  readonly frames: AudioFrame[] = [];
  epoch = "epoch-1";
  expiredTokens = new Set<string>();
  /** Answers a command; null leaves it unanswered, as a lost packet would. */
  answer: (name: string, body: Command) => CommandDone | Problem | null = (_, body) => done(body.command_id);
  /** What `call.start` and `call.resume` are told; the journal is `frames`. */
  openCall: () => CallOpened | Problem = () => this.opened();
  starts: { request_id?: string | null }[] = [];
  resumes: unknown[] = [];
  /** Confirms each frame; off to play a server that is slow or gone. */
  confirming = true;
  /** The number of a frame that goes missing the first time. */
  loseOnce: number | null = null;

  constructor() {
    this.http = createServer();
    this.io = new Server(this.http, { transports: ["websocket"], pingInterval: 15_000 });
    this.io.of("/operator").use((socket, next) => this.admit(socket, next));
    this.io.of("/operator").on("connection", (socket) => this.welcomeConsole(socket));
    this.io.of("/caller").on("connection", (socket) => this.welcomeCaller(socket));
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((ready) => this.http.listen(port, "127.0.0.1", ready));
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await this.io.close();
  }

  deliver(body: Delivery["body"]): void {
    const delivery: Delivery = { epoch: this.epoch, seq: this.outbox.length + 1, body };
    this.outbox.push(delivery);
    this.io.of("/operator").emit("delivery", delivery);
  }

  /** Cuts every connection as a broken network would. */
  cut(): void {
    for (const socket of this.io.sockets.sockets.values()) socket.conn.close();
    for (const namespace of ["/operator", "/caller"]) {
      for (const socket of this.io.of(namespace).sockets.values()) socket.conn.close();
    }
  }

  private admit(socket: Socket, next: (error?: Error) => void): void {
    const auth = socket.handshake.auth as ConsoleAuth;
    this.auths.push(auth);
    if (!this.expiredTokens.has(auth.token)) return next();
    next(Object.assign(new Error("refused"), { data: problem("token_expired") }));
  }

  private welcomeConsole(socket: Socket): void {
    const auth = socket.handshake.auth as ConsoleAuth;
    const resumed = auth.epoch === this.epoch;
    const hello: ConsoleHello = { protocol: 1, epoch: this.epoch, resumed, token_expires_at: inAnHour() };
    socket.emit("hello", hello);
    const missed = resumed ? this.outbox.filter((delivery) => delivery.seq > (auth.last_seq ?? 0)) : this.outbox;
    for (const delivery of missed) socket.emit("delivery", delivery);
    socket.onAny((name, body, ack) => this.hear(name, body, ack));
  }

  private hear(name: string, body: Command & DeliveryAck & AudioFrame, ack?: (answer: unknown) => void): void {
    if (name === "console.ack") this.acks.push(body);
    else if (name === "audio.frame") this.frames.push(body);
    else if (ack) {
      this.commands.push({ name, body });
      const answer = this.answer(name, body);
      if (answer) ack(answer);
    }
  }

  private welcomeCaller(socket: Socket): void {
    socket.emit("hello", { protocol: 1, max_frame_bytes: 32768, max_message_bytes: 65536, public_number: "112" });
    socket.on("call.start", (body, ack) => {
      this.starts.push(body);
      ack(this.openCall());
    });
    socket.on("call.resume", (body, ack) => {
      this.resumes.push(body);
      ack(this.openCall());
    });
    socket.on("call.end", (_, ack) => ack(this.state("ended")));
    socket.on("audio.frame", (frame: AudioFrame) => this.journal(socket, frame));
  }

  private journal(socket: Socket, frame: AudioFrame): void {
    const expected = this.frames.length;
    if (frame.seq === this.loseOnce) {
      this.loseOnce = null;
      return;
    }
    if (frame.seq > expected) {
      socket.emit("problem", { ...problem("frame_out_of_order"), retryable: true, expected_seq: expected });
      return;
    }
    if (frame.seq === expected) this.frames.push(frame);
    if (this.confirming) socket.emit("audio.ack", { channel: "caller", next_seq: this.frames.length, next_offset: this.end() });
  }

  private end(): number {
    const last = this.frames.at(-1);
    return last ? last.offset + (last.audio as Uint8Array).byteLength / 2 : 0;
  }

  opened(): CallOpened {
    return { call_id: "call-1", resume_token: "token", next_seq: this.frames.length, next_offset: this.end(), state: "ringing", notice: "" };
  }

  private state(phase: string) {
    return { call_id: "call-1", phase, waited_s: 0, message: "", public_number: "112", ended_by: "caller_hung_up" };
  }
}

export function done(commandId: string): CommandDone {
  return { command_id: commandId, ok: true, seq: 1, problem: null };
}

export function problem(code: Problem["code"], retryable = false): Problem {
  return { code, message: code, way_out: "", fault: "user", retryable, expected_seq: null };
}

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}

/** How long to wait for something that is expected: long enough for a machine that is busy with other tests. */
export const PATIENT = { timeout: 8000 } as const;
