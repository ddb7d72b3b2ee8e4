/** Cuts a stream of sound of any rate into frames of 40 ms of 16-bit sound at 16 kHz. */
import { encodePcm16 } from "./codec.ts";
import { Resampler } from "./resample.ts";

export const VOICE_FORMAT = { encoding: "pcm16", sample_rate: 16000 } as const;
export const FRAME_SAMPLES = 640;

export class VoiceFrames {
  private readonly resampler: Resampler;
  private rest: Float32Array = new Float32Array(0);
  private readonly emit: (audio: Uint8Array<ArrayBuffer>, samples: number) => void;

  constructor(rate: number, emit: (audio: Uint8Array<ArrayBuffer>, samples: number) => void) {
    this.resampler = new Resampler(rate, VOICE_FORMAT.sample_rate);
    this.emit = emit;
  }

  push(samples: Float32Array): void {
    const fresh = this.resampler.push(samples);
    const all = new Float32Array(this.rest.length + fresh.length);
    all.set(this.rest);
    all.set(fresh, this.rest.length);
    let start = 0;
    for (; start + FRAME_SAMPLES <= all.length; start += FRAME_SAMPLES) {
      this.emit(encodePcm16(all.subarray(start, start + FRAME_SAMPLES)), FRAME_SAMPLES);
    }
    this.rest = all.slice(start);
  }
}
