/** Hearing a call again from a word on: sound from the call's journal, fetched piece by piece, while the call runs too. */
import { ProblemError, Store, type HttpClient, type Problem } from "@kiwimesh/sdk";

/** Samples a second of the call's clock. */
const RATE = 16_000;
const PIECE_S = 20;
/** A little before the word: its first sound is not cut off. */
const LEAD_S = 0.25;
const WAV_HEADER_BYTES = 44;

export interface PlaybackState {
  /** Null while nothing is played. */
  readonly callId: string | null;
  readonly fromS: number;
  readonly state: "silent" | "loading" | "playing";
}

export const SILENT: PlaybackState = { callId: null, fromS: 0, state: "silent" };

export class Playback {
  readonly state = new Store<PlaybackState>(SILENT);
  private readonly http: Pick<HttpClient, "call">;
  private readonly onProblem: (problem: Problem) => void;
  private context: AudioContext | null = null;
  private sources: AudioBufferSourceNode[] = [];
  /** Of the piece that is played first, on the sound card's clock. */
  private beganAt = 0;
  /** Counts plays, so that what an earlier one fetched is thrown away. */
  private run = 0;

  constructor(http: Pick<HttpClient, "call">, onProblem: (problem: Problem) => void) {
    this.http = http;
    this.onProblem = onProblem;
  }

  /** Plays from a second of the call to the end of what there is. */
  async play(callId: string, second: number): Promise<void> {
    this.stop();
    const run = this.run;
    const fromS = Math.max(0, second - LEAD_S);
    this.state.set({ callId, fromS, state: "loading" });
    try {
      await this.playOn(run, callId, fromS);
    } catch (error) {
      if (run !== this.run) return;
      this.stop();
      if (!(error instanceof ProblemError)) throw error;
      this.onProblem(error.problem);
    }
  }

  stop(): void {
    this.run += 1;
    for (const source of this.sources) {
      source.onended = null;
      source.stop();
    }
    this.sources = [];
    this.state.set(SILENT);
  }

  close(): void {
    this.stop();
    void this.context?.close();
    this.context = null;
  }

  /** The second of the call that is heard now. */
  get second(): number {
    const { state, fromS } = this.state.get();
    return state === "playing" && this.context ? fromS + Math.max(0, this.context.currentTime - this.beganAt) : fromS;
  }

  private async playOn(run: number, callId: string, fromS: number): Promise<void> {
    const context = (this.context ??= new AudioContext());
    let [at, whole] = [fromS, true];
    let last: AudioBufferSourceNode | null = null;
    while (whole) {
      const piece = await this.piece(context, callId, at);
      if (run !== this.run) return;
      if (!piece) break;
      if (at === fromS) this.begin(context, callId, fromS);
      last = this.lay(context, piece, at - fromS);
      whole = piece.duration >= PIECE_S - 0.01;
      at += piece.duration;
      if (whole) await this.until(context, at - fromS - PIECE_S / 2, run);
      if (run !== this.run) return;
    }
    if (last) last.onended = () => run === this.run && this.stop();
    else this.stop();
  }

  private begin(context: AudioContext, callId: string, fromS: number): void {
    if (context.state === "suspended") void context.resume();
    this.beganAt = context.currentTime + 0.05;
    this.state.set({ callId, fromS, state: "playing" });
  }

  private lay(context: AudioContext, buffer: AudioBuffer, afterS: number): AudioBufferSourceNode {
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    source.start(this.beganAt + afterS);
    this.sources.push(source);
    return source;
  }

  private async piece(context: AudioContext, callId: string, atS: number): Promise<AudioBuffer | null> {
    const query = { start: Math.round(atS * RATE), samples: PIECE_S * RATE };
    const { body } = await this.http.call("hear_call", { path: { call_id: callId }, query });
    return body.size > WAV_HEADER_BYTES ? context.decodeAudioData(await body.arrayBuffer()) : null;
  }

  /** Waits until so much has been heard: the next piece is fetched when half of this one has. */
  private async until(context: AudioContext, heardS: number, run: number): Promise<void> {
    while (run === this.run && context.currentTime - this.beganAt < heardS) await new Promise((done) => setTimeout(done, 250));
  }
}
