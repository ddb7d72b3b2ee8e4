/**
 * Frames of sound, kept until the server has them on disk.
 *
 * A frame's identity is the offset of its first sample; its number is only its place in the line, given anew whenever the
 * server says where it stands. So numbers have no holes even where sound was lost: the offset jumps instead.
 *
 * Bound: `capacity` samples. When it is full the oldest frames that are not under way are given up and counted.
 */
export interface NumberedFrame {
  readonly seq: number;
  readonly offset: number;
  readonly audio: Uint8Array<ArrayBuffer>;
}

interface KeptFrame {
  readonly offset: number;
  readonly samples: number;
  readonly audio: Uint8Array<ArrayBuffer>;
}

export class FrameLog {
  private frames: KeptFrame[] = [];
  private base = 0;
  private underWay = 0;
  private offset = 0;
  private kept = 0;
  private readonly capacity: number;
  /** Samples given up because the log was full. */
  lost = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Samples that are not confirmed yet. */
  get unconfirmed(): number {
    return this.kept;
  }

  /** The number after the last frame. */
  get nextSeq(): number {
    return this.base + this.frames.length;
  }

  /** Offset of the next sample. */
  get nextOffset(): number {
    return this.offset;
  }

  push(audio: Uint8Array<ArrayBuffer>, samples: number): void {
    this.frames.push({ offset: this.offset, samples, audio });
    this.offset += samples;
    this.kept += samples;
    while (this.kept > this.capacity && this.frames.length > this.underWay) this.giveUpOldest();
  }

  /** Lets the offset jump to where the clock is, over sound that was never recorded. Never goes back. */
  skipTo(offset: number): void {
    this.offset = Math.max(this.offset, offset);
  }

  /** The next frames to send, so that at most `window` samples are under way. */
  due(window: number): NumberedFrame[] {
    const frames: NumberedFrame[] = [];
    let flying = this.frames.slice(0, this.underWay).reduce((sum, frame) => sum + frame.samples, 0);
    for (let next = this.frames[this.underWay]; next; next = this.frames[this.underWay]) {
      flying += next.samples;
      if (flying > window && this.underWay > 0) break;
      frames.push({ seq: this.base + this.underWay, offset: next.offset, audio: next.audio });
      this.underWay += 1;
    }
    return frames;
  }

  /** Every frame below `nextSeq` is on the server's disk; `nextOffset` follows its last sample. */
  confirm(nextSeq: number, nextOffset: number): void {
    if (nextSeq > this.base + this.underWay) return this.adopt(nextSeq, nextOffset);
    const count = Math.max(nextSeq - this.base, 0);
    this.forget(count);
    this.base += count;
    this.underWay -= count;
  }

  /** The server is further than this log ever was (the page was loaded anew): what is kept comes after what it has. */
  adopt(nextSeq: number, nextOffset: number): void {
    const late = Math.max(0, nextOffset - (this.frames[0]?.offset ?? this.offset));
    this.frames = this.frames.map((frame) => ({ ...frame, offset: frame.offset + late }));
    this.offset += late;
    this.base = nextSeq;
    this.underWay = 0;
  }

  /** A new connection: the server waits for frame `nextSeq`, whose sound begins at `nextOffset` or later. */
  resume(nextSeq: number, nextOffset: number): void {
    const first = this.frames.findIndex((frame) => frame.offset >= nextOffset);
    this.forget(first < 0 ? this.frames.length : first);
    this.base = nextSeq;
    this.underWay = 0;
    this.skipTo(nextOffset);
  }

  /** The server wants to go back (or is further than we knew): everything from `expectedSeq` on is sent again. */
  rewind(expectedSeq: number): void {
    const known = expectedSeq > this.base && expectedSeq <= this.base + this.underWay;
    if (known) this.forget(expectedSeq - this.base);
    this.base = expectedSeq;
    this.underWay = 0;
  }

  /** The connection broke: what was under way may or may not have arrived. */
  disconnected(): void {
    this.underWay = 0;
  }

  private giveUpOldest(): void {
    const [frame] = this.frames.splice(this.underWay, 1);
    this.kept -= frame?.samples ?? 0;
    this.lost += frame?.samples ?? 0;
  }

  private forget(count: number): void {
    const gone = this.frames.splice(0, count);
    this.kept -= gone.reduce((sum, frame) => sum + frame.samples, 0);
  }
}
