/**
 * Changes the sample rate of a stream: a windowed sinc, low-passed below half of the lower rate, that keeps its place from
 * one chunk to the next so that chunks join without a click. Delay: `HALF` input samples.
 */
const HALF = 12;
const PHASES = 128;

export class Resampler {
  private readonly step: number;
  private readonly taps: Float32Array[];
  private history = new Float32Array(2 * HALF);
  private position = HALF;

  constructor(from: number, to: number) {
    this.step = from / to;
    this.taps = kernels(Math.min(1, to / from));
  }

  push(input: Float32Array): Float32Array<ArrayBuffer> {
    const samples = new Float32Array(this.history.length + input.length);
    samples.set(this.history);
    samples.set(input, this.history.length);
    const output = new Float32Array(Math.max(0, Math.ceil((samples.length - HALF - this.position) / this.step)));
    for (let index = 0; index < output.length; index += 1) {
      output[index] = this.at(samples, this.position);
      this.position += this.step;
    }
    const keep = Math.min(samples.length, Math.max(0, Math.floor(this.position) - HALF));
    this.history = samples.slice(keep);
    this.position -= keep;
    return output;
  }

  private at(samples: Float32Array, position: number): number {
    const whole = Math.floor(position);
    const kernel = this.taps[Math.floor((position - whole) * PHASES)] as Float32Array;
    let sum = 0;
    for (let tap = 0; tap < 2 * HALF; tap += 1) {
      sum += (samples[whole - HALF + 1 + tap] ?? 0) * (kernel[tap] as number);
    }
    return sum;
  }
}

function kernels(cutoff: number): Float32Array[] {
  return Array.from({ length: PHASES }, (_, phase) => {
    const kernel = Float32Array.from({ length: 2 * HALF }, (_, tap) => {
      const distance = tap - HALF + 1 - phase / PHASES;
      return cutoff * sinc(cutoff * distance) * hann(distance / HALF);
    });
    const gain = kernel.reduce((sum, value) => sum + value, 0);
    return kernel.map((value) => value / gain);
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function hann(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * x);
}
