/**
 * Evens out the arrival of sound. Playing begins when `target` samples are there; running dry plays silence and waits for
 * the target again, a little higher. Bound: `limit` samples; what is older than that is skipped down to the target, since
 * late sound in a conversation is worse than missing sound. All counts are whole samples: half a one could never be played,
 * and whoever waits for it waits for ever, on the thread that makes all sound of the page.
 */
const GROWTH = 1.25;

export class JitterBuffer {
  private chunks: Float32Array[] = [];
  private head = 0;
  private playing = false;
  private target: number;
  private readonly limit: number;
  /** Samples waiting to be played. */
  depth = 0;
  /** How often it ran dry while playing. */
  underruns = 0;
  /** Samples skipped to catch up. */
  skipped = 0;

  constructor(target: number, limit: number) {
    this.target = Math.round(target);
    this.limit = Math.round(limit);
  }

  push(samples: Float32Array): void {
    if (samples.length === 0) return;
    this.chunks.push(samples);
    this.depth += samples.length;
    if (this.depth > this.limit) this.skip(this.depth - this.target);
    if (this.depth >= this.target) this.playing = true;
  }

  /** Fills `output`: sound as far as there is some, silence after that. */
  pull(output: Float32Array): void {
    const count = this.playing ? Math.min(output.length, this.depth) : 0;
    this.copy(output, count);
    output.fill(0, count);
    if (this.playing && count < output.length) this.ranDry();
  }

  private ranDry(): void {
    this.playing = false;
    this.underruns += 1;
    this.target = Math.floor(Math.min(this.target * GROWTH, this.limit / 2));
  }

  private copy(output: Float32Array, count: number): void {
    for (let filled = 0; filled < count; ) {
      const chunk = this.chunks[0] as Float32Array;
      const part = chunk.subarray(this.head, this.head + count - filled);
      output.set(part, filled);
      filled += part.length;
      this.advance(part.length);
    }
  }

  private skip(count: number): void {
    this.skipped += count;
    for (let left = count; left > 0; ) {
      const part = Math.min(left, (this.chunks[0] as Float32Array).length - this.head);
      left -= part;
      this.advance(part);
    }
  }

  private advance(count: number): void {
    this.head += count;
    this.depth -= count;
    if (this.head < (this.chunks[0] as Float32Array).length) return;
    this.chunks.shift();
    this.head = 0;
  }
}
