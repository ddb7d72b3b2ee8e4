/** One call of this page: the line to the server, and where its sound comes from (the microphone or a recording). */
import { CallerConnection, fetchSamples, Store, type Sample } from "@kiwimesh/sdk";
import {
  encodePcm16,
  FRAME_SAMPLES,
  MicrophoneError,
  openMicrophone,
  Player,
  VOICE_FORMAT,
  type MicrophoneRefusal,
} from "@kiwimesh/sdk/audio";

import { entryOf } from "./entry.ts";

export interface SourceState {
  readonly kind: "none" | "microphone" | "sample";
  readonly level: number;
  readonly sample: Sample | null;
  readonly refusal: MicrophoneRefusal | "sample" | null;
}

const NO_SOURCE: SourceState = { kind: "none", level: 0, sample: null, refusal: null };

export class Call {
  readonly connection: CallerConnection;
  readonly source = new Store<SourceState>(NO_SOURCE);
  readonly samples = new Store<readonly Sample[] | null>(null);
  private player: Player | null = null;
  private stopSource: () => void = () => undefined;

  constructor() {
    this.connection = new CallerConnection({
      store: sessionStorage,
      onRelay: (frame) => this.player?.play(frame),
    });
    this.connection.state.subscribe(() => {
      if (this.connection.state.get().phase === "ended") this.silence();
    });
  }

  open(): void {
    this.connection.connect();
    fetchSamples().then(
      (samples) => this.samples.set(samples),
      () => this.samples.set([]),
    );
  }

  close(): void {
    this.silence();
    this.connection.close();
  }

  /** A call with the microphone. Without one the call still opens: the operator sees it and can act on it. */
  async callByMicrophone(): Promise<void> {
    await this.hear();
    this.connection.start(VOICE_FORMAT, entryOf(location.search));
    await this.speak();
  }

  async callBySample(sample: Sample): Promise<void> {
    await this.hear();
    try {
      const frames = await loadFrames(sample.url);
      this.connection.start(VOICE_FORMAT, entryOf(location.search));
      this.playFrames(sample, frames);
    } catch {
      this.source.set({ ...NO_SOURCE, refusal: "sample" });
    }
  }

  async answerCallBack(): Promise<void> {
    await this.hear();
    this.connection.acceptCallBack(VOICE_FORMAT);
    await this.speak();
  }

  /** After a reload in the middle of a call: browsers want a click before they open the microphone. */
  async goOn(): Promise<void> {
    await this.hear();
    await this.speak();
  }

  private async hear(): Promise<void> {
    this.player ??= await Player.open();
    this.player.resume();
  }

  private async speak(): Promise<void> {
    this.stopSource();
    this.source.set({ ...NO_SOURCE, kind: "microphone" });
    try {
      const microphone = await openMicrophone(
        (audio, samples) => this.connection.push(audio, samples),
        (level) => this.source.update((state) => ({ ...state, level })),
      );
      this.stopSource = microphone.close;
    } catch (error) {
      const refusal = error instanceof MicrophoneError ? error.why : "failed";
      this.source.set({ ...NO_SOURCE, refusal });
    }
  }

  /** Sends the frames at the pace at which they were spoken. */
  private playFrames(sample: Sample, frames: readonly Uint8Array<ArrayBuffer>[]): void {
    this.stopSource();
    this.source.set({ ...NO_SOURCE, kind: "sample", sample });
    const began = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = ((performance.now() - began) / 1000) * (VOICE_FORMAT.sample_rate / FRAME_SAMPLES);
      for (; sent < due; sent += 1) {
        const frame = frames[sent];
        if (!frame) return this.silence();
        this.connection.push(frame, FRAME_SAMPLES);
      }
    }, 20);
    this.stopSource = () => clearInterval(timer);
  }

  private silence(): void {
    this.stopSource();
    this.stopSource = () => undefined;
    this.source.set(NO_SOURCE);
  }
}

async function loadFrames(url: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`sample answered ${response.status}`);
  const context = new OfflineAudioContext(1, 1, VOICE_FORMAT.sample_rate);
  const samples = (await context.decodeAudioData(await response.arrayBuffer())).getChannelData(0);
  const count = Math.ceil(samples.length / FRAME_SAMPLES);
  return Array.from({ length: count }, (_, index) => {
    const piece = new Float32Array(FRAME_SAMPLES);
    piece.set(samples.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES));
    return encodePcm16(piece);
  });
}
