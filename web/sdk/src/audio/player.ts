/** Plays the other side's voice. */
import type { RelayedFrame } from "../contract.ts";
import { decode } from "./codec.ts";
import playbackUrl from "./playback.worklet.ts?worker&url";
import { Resampler } from "./resample.ts";

export class Player {
  private readonly context: AudioContext;
  private node: AudioWorkletNode | null = null;
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

  /** Sound of a kind that cannot be played is passed over. */
  play(frame: RelayedFrame): void {
    const samples = decode(frame.format.encoding, frame.audio);
    if (!samples || !this.node) return;
    const resampled = this.resamplerFor(frame).push(samples);
    this.node.port.postMessage(resampled, [resampled.buffer]);
  }

  resume(): void {
    if (this.context.state === "suspended") void this.context.resume();
  }

  close(): void {
    void this.context.close();
  }

  private resamplerFor(frame: RelayedFrame): Resampler {
    const { sample_rate: rate } = frame.format;
    const stream = `${frame.call_id}/${frame.channel}`;
    if (this.resampler?.rate !== rate || this.resampler.stream !== stream) {
      this.resampler = { rate, stream, use: new Resampler(rate, this.context.sampleRate) };
    }
    return this.resampler.use;
  }
}
