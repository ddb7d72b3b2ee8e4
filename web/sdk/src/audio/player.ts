/** Plays the other sides' voices: each channel through a jitter buffer of its own, so that two people may talk at once. */
import type { Channel, RelayedFrame } from "../contract.ts";
import { decode } from "./codec.ts";
import { OpusPlayer } from "./opus.ts";
import playbackUrl from "./playback.worklet.ts?worker&url";
import { Resampler } from "./resample.ts";

/** One channel's way to the loudspeaker. */
class Heard {
  private readonly context: AudioContext;
  private readonly node: AudioWorkletNode;
  private opus: OpusPlayer | null = null;
  private resampler: { rate: number; callId: string; use: Resampler } | null = null;

  constructor(context: AudioContext) {
    this.context = context;
    this.node = new AudioWorkletNode(context, "kiwimesh-playback", { numberOfInputs: 0, outputChannelCount: [1] });
    this.node.connect(context.destination);
  }

  play(frame: RelayedFrame): void {
    if (frame.format.encoding === "opus") {
      this.opus ??= new OpusPlayer((samples, rate) => this.emit(samples, rate, frame.call_id));
      this.opus.push(frame.audio);
      return;
    }
    const samples = decode(frame.format.encoding, frame.audio);
    if (samples) this.emit(samples, frame.format.sample_rate, frame.call_id);
  }

  close(): void {
    this.opus?.close();
  }

  private emit(samples: Float32Array<ArrayBuffer>, rate: number, callId: string): void {
    if (this.resampler?.rate !== rate || this.resampler.callId !== callId) {
      this.resampler = { rate, callId, use: new Resampler(rate, this.context.sampleRate) };
    }
    const resampled = this.resampler.use.push(samples);
    this.node.port.postMessage(resampled, [resampled.buffer]);
  }
}

export class Player {
  private readonly context: AudioContext;
  private readonly channels = new Map<Channel, Heard>();

  private constructor(context: AudioContext) {
    this.context = context;
  }

  /** Needs a click or key press before it, or the browser keeps it silent until the next one. */
  static async open(): Promise<Player> {
    const player = new Player(new AudioContext({ latencyHint: "interactive" }));
    await player.context.audioWorklet.addModule(playbackUrl);
    return player;
  }

  play(frame: RelayedFrame): void {
    let heard = this.channels.get(frame.channel);
    if (!heard) this.channels.set(frame.channel, (heard = new Heard(this.context)));
    heard.play(frame);
  }

  resume(): void {
    if (this.context.state === "suspended") void this.context.resume();
  }

  close(): void {
    for (const heard of this.channels.values()) heard.close();
    void this.context.close();
  }
}
