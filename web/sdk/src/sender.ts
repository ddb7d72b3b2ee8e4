/** Sends the frames of a log: at most a window ahead of the confirmations, and back again where the server says so. */
import type { FrameLog, NumberedFrame } from "./frames.ts";

/** One order to go back is answered once: the frames already under way each cause the same order again. */
const REWIND_QUIET_MS = 1000;

export class FrameSender {
  readonly log: FrameLog;
  private readonly emit: (frame: NumberedFrame) => void;
  private readonly window: number;
  private readonly now: () => number;
  private flowing = false;
  private lastRewind = { seq: -1, at: -Infinity };

  constructor(log: FrameLog, emit: (frame: NumberedFrame) => void, window: number, now: () => number = Date.now) {
    this.log = log;
    this.emit = emit;
    this.window = window;
    this.now = now;
  }

  push(audio: Uint8Array<ArrayBuffer>, samples: number): void {
    this.log.push(audio, samples);
    this.flow();
  }

  /** The connection is good and the server waits for this frame. */
  resume(nextSeq: number, nextOffset: number): void {
    this.log.resume(nextSeq, nextOffset);
    this.start();
  }

  /** The server has sound that this log never had: goes on behind it. */
  adopt(nextSeq: number, nextOffset: number): void {
    this.log.adopt(nextSeq, nextOffset);
    this.start();
  }

  /** Begins without a word from the server. */
  start(): void {
    this.flowing = true;
    this.flow();
  }

  pause(): void {
    this.flowing = false;
    this.log.disconnected();
  }

  confirmed(nextSeq: number, nextOffset: number): void {
    this.log.confirm(nextSeq, nextOffset);
    this.flow();
  }

  rewind(expectedSeq: number): void {
    const again = expectedSeq === this.lastRewind.seq && this.now() - this.lastRewind.at < REWIND_QUIET_MS;
    if (again) return;
    this.lastRewind = { seq: expectedSeq, at: this.now() };
    this.log.rewind(expectedSeq);
    this.flow();
  }

  private flow(): void {
    if (!this.flowing) return;
    for (const frame of this.log.due(this.window)) this.emit(frame);
  }
}
