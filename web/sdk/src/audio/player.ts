/** Plays the other side's voice. */
import type { RelayedFrame } from "../contract.ts";
import { decode } from "./codec.ts";
import { OpusPlayer } from "./opus.ts";
import playbackUrl from "./playback.worklet.ts?worker&url";
import { Resampler } from "./resample.ts";

export class Player {
  private readonly context: AudioContext;
  private node: AudioWorkletNode | null = null;
  private opus: OpusPlayer | null = null;
  private resampler: { rate: number; stream: string; use: Resampler } | null = null;

  private constructor(context: AudioContext) {
    this.context = context;
  }

  /** Needs a click or key press before it, or the browser keeps it silent until the next one. */
  static async open(): Promise<Player> {
    const player = new Player(new AudioContext({ latencyHint: "interactive" }));
    await player.context.audioWorklet.addModule(playbackUrl);
    player.node = new AudioWorkletNode(player.context, "kiwimesh-playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    player.node.connect(player.context.destination);
    return player;
  }

  play(frame: RelayedFrame): void {
    const stream = `${frame.call_id}/${frame.channel}`;
    if (frame.format.encoding === "opus") {
      this.opus ??= new OpusPlayer((samples, rate) => this.emit(samples, rate, stream));
      this.opus.push(frame.audio);
      return;
    }
    const samples = decode(frame.format.encoding, frame.audio);
    if (samples) this.emit(samples, frame.format.sample_rate, stream);
  }

  resume(): void {
    if (this.context.state === "suspended") void this.context.resume();
  }

  close(): void {
    this.opus?.close();
    void this.context.close();
  }

  private emit(samples: Float32Array<ArrayBuffer>, rate: number, stream: string): void {
    if (this.resampler?.rate !== rate || this.resampler.stream !== stream) {
      this.resampler = { rate, stream, use: new Resampler(rate, this.context.sampleRate) };
    }
    const resampled = this.resampler.use.push(samples);
    this.node?.port.postMessage(resampled, [resampled.buffer]);
  }
}
