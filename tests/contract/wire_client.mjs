// A caller and an operator's console in JavaScript, on nothing but the published protocol and the real socket.io-client.
// Both connections are broken off in mid-call. Takes the server's address, an e-mail and a password; prints what it saw.
import { createRequire } from "node:module";

const { io } = createRequire(new URL("../../web/package.json", import.meta.url))("socket.io-client");
const [url, email, password] = process.argv.slice(2);

const LOUD_FRAMES = 250;
const FRAMES = 325;
const SAMPLES = 160;
const VOICE_FRAMES = 50;
const VOICE_SAMPLES = 320;
const OPTIONS = { transports: ["websocket"], reconnectionDelay: 50, reconnectionDelayMax: 200, forceNew: true };

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const breakOff = (socket) => socket.io.engine.transport.ws.terminate();
const callerFrame = (seq) => Buffer.alloc(SAMPLES, seq < LOUD_FRAMES ? (seq % 100) + 1 : 0xff);
const voiceFrame = (seq) => Buffer.alloc(VOICE_SAMPLES * 2, seq + 1);
const total = (sums, from, bytes) => sums.set(from, (sums.get(from) ?? 0) + bytes);

async function until(condition, about) {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 20_000) throw new Error(`waited in vain: ${about}`);
    await pause(10);
  }
}

class Caller {
  problems = [];
  breaks = 0;
  heard = new Map();
  kept = [];
  made = 0;
  sent = 0;
  call = null;
  joined = false;
  phase = null;

  constructor() {
    this.socket = io(`${url}/caller`, OPTIONS);
    this.socket.on("connect", () => void this.connected());
    this.socket.on("disconnect", () => {
      this.breaks += 1;
      this.joined = false;
    });
    this.socket.on("audio.ack", ({ next_seq }) => {
      this.kept = this.kept.filter(({ seq }) => seq >= next_seq);
    });
    this.socket.on("audio.relay", ({ channel, audio }) => total(this.heard, channel, audio.length));
    this.socket.on("call.state", ({ phase }) => (this.phase = phase));
    this.socket.on("problem", (problem) => {
      this.problems.push(problem.code);
      if (problem.expected_seq !== null) this.rewind(problem.expected_seq);
    });
  }

  async connected() {
    if (this.call === null) {
      this.call = await this.socket.emitWithAck("call.start", { format: { encoding: "mulaw", sample_rate: 8000 } });
      this.joined = true;
      return;
    }
    const { call_id, resume_token } = this.call;
    const again = await this.socket.emitWithAck("call.resume", { call_id, resume_token });
    this.joined = true;
    this.rewind(again.next_seq);
  }

  speak() {
    const seq = this.made++;
    this.kept.push({ seq, offset: seq * SAMPLES, audio: callerFrame(seq) });
    this.pump();
  }

  rewind(seq) {
    this.sent = Math.min(this.sent, seq);
    this.pump();
  }

  pump() {
    if (!this.joined) return;
    for (const frame of this.kept.filter(({ seq }) => seq >= this.sent)) {
      this.sent = frame.seq + 1;
      this.socket.emit("audio.frame", frame);
    }
  }
}

class Console {
  resumed = [];
  holes = 0;
  repeated = 0;
  problems = [];
  heard = new Map();
  entries = new Map();
  queue = new Map();
  rings = [];
  kinds = new Set();
  voice = { next_seq: 0 };
  epoch = null;
  lastSeq = 0;

  constructor(token) {
    const auth = (give) => give({ token, console_id: "js-console", epoch: this.epoch, last_seq: this.lastSeq });
    this.socket = io(`${url}/operator`, { ...OPTIONS, auth });
    this.socket.on("hello", ({ epoch, resumed }) => {
      this.resumed.push(resumed);
      if (!resumed) [this.epoch, this.lastSeq] = [epoch, 0];
    });
    this.socket.on("delivery", (delivery) => this.take(delivery));
    this.socket.on("audio.relay", ({ channel, audio }) => total(this.heard, channel, audio.length));
    this.socket.on("audio.ack", (ack) => (this.voice = ack));
    this.socket.on("problem", ({ code }) => this.problems.push(code));
  }

  take({ epoch, seq, body }) {
    if (seq <= this.lastSeq) this.repeated += 1;
    else {
      if (seq !== this.lastSeq + 1) this.holes += 1;
      this.lastSeq = seq;
      this.fold(body);
    }
    this.socket.emit("console.ack", { epoch, seq: this.lastSeq });
  }

  fold(body) {
    this.kinds.add(body.kind);
    if (body.kind === "snapshot") this.queue = new Map(body.queue.map((call) => [call.call_id, call]));
    if (body.kind === "queue") this.queue.set(body.call.call_id, body.call);
    if (body.kind === "ring") this.rings.push(body.call.call_id);
    if (body.kind === "entries") {
      const log = this.entries.get(body.call_id) ?? [];
      log.push(...body.entries.filter(({ seq }) => seq > log.length));
      this.entries.set(body.call_id, log);
    }
  }

  async command(name, body) {
    const done = await this.socket.emitWithAck(name, { command_id: `js-${Math.random()}`.replace(".", ""), ...body });
    if (!done.ok) throw new Error(`${name}: ${JSON.stringify(done.problem)}`);
    return done;
  }
}

async function signIn() {
  const answer = await fetch(`${url}/v1/auth/sign-in`, { method: "POST", body: JSON.stringify({ email, password }) });
  if (!answer.ok) throw new Error(`sign-in: ${answer.status}`);
  return (await answer.json()).access_token;
}

async function play(caller, seat, callId) {
  for (let number = 0; number < FRAMES; number += 1) {
    caller.speak();
    if (number < VOICE_FRAMES) {
      const voice = { call_id: callId, seq: number, offset: number * VOICE_SAMPLES, audio: voiceFrame(number) };
      seat.socket.emit("audio.frame", voice);
    }
    if (number === 120) breakOff(caller.socket);
    if (number === 200) {
      await until(() => seat.voice.next_seq === VOICE_FRAMES, "the operator's voice on disk");
      breakOff(seat.socket);
    }
    await pause(2);
  }
}

const seat = new Console(await signIn());
await until(() => seat.kinds.has("snapshot"), "the snapshot");
await seat.command("seat.set", { state: "ready" });
const caller = new Caller();
await until(() => seat.rings.length > 0, "the ring");
const callId = seat.rings[0];
await seat.command("call.answer", { call_id: callId });
await seat.command("call.open", { call_id: callId });
await until(() => caller.phase === "answered", "the caller hears of the answer");
await play(caller, seat, callId);
await until(() => caller.joined && caller.kept.length === 0, "every frame on disk");
await until(() => seat.queue.get(callId).category === 1, "the red card");
await until(() => seat.entries.get(callId).some(({ body }) => body.kind === "speech.final"), "a final");
const ended = await caller.socket.emitWithAck("call.end", { next_seq: FRAMES });
await until(() => seat.queue.get(callId).state === "ended", "the end");
await seat.command("call.dispose", { call_id: callId, disposition: "exercise" });
await until(() => seat.queue.get(callId).state === "closed", "the call closed");
console.log(
  JSON.stringify({
    call_id: callId,
    phase: ended.phase,
    breaks: caller.breaks,
    resumed: seat.resumed,
    holes: seat.holes,
    problems: [...caller.problems, ...seat.problems],
    heard_by_caller: caller.heard.get("operator") ?? 0,
    heard_by_operator: seat.heard.get("caller") ?? 0,
    entries: seat.entries.get(callId),
  }),
);
caller.socket.close();
seat.socket.close();
