import { describe, expect, it } from "vitest";

import { decode, encodePcm16 } from "../src/audio/codec.ts";
import { FRAME_SAMPLES, VoiceFrames } from "../src/audio/frames16k.ts";
import { JitterBuffer } from "../src/audio/jitter.ts";
import { Resampler } from "../src/audio/resample.ts";

const tone = (pitch: number, rate: number, seconds: number) =>
  Float32Array.from({ length: rate * seconds }, (_, index) => Math.sin((2 * Math.PI * pitch * index) / rate));
const power = (samples: Float32Array) => samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
const bytes = (...values: number[]) => Uint8Array.from(values);

describe("decoding", () => {
  it("gives back 16-bit samples", () => {
    const samples = Float32Array.from([0, 0.5, -0.5, 1, -1]);
    const back = decode("pcm16", encodePcm16(samples))!;
    samples.forEach((sample, index) => expect(back[index]).toBeCloseTo(sample, 3));
  });

  it("expands mu-law as G.711 says: silence, both ends of the scale", () => {
    expect([...decode("mulaw", bytes(0xff, 0x7f, 0x00, 0x80))!].map((value) => value * 32768)).toEqual([0, 0, -32124, 32124]);
  });

  it("expands A-law as G.711 says: the smallest steps, both ends of the scale", () => {
    expect([...decode("alaw", bytes(0xd5, 0x55, 0x2a, 0xaa))!].map((value) => value * 32768)).toEqual([8, -8, -32256, 32256]);
  });

  it("leaves opus to the browser", () => {
    expect(decode("opus", bytes(1, 2, 3))).toBeNull();
  });
});

describe("resampling", () => {
  it("keeps speech, whatever the size of the pieces", () => {
    const input = tone(1000, 48000, 0.5);
    const whole = new Resampler(48000, 16000).push(input);
    const pieces = new Resampler(48000, 16000);
    const joined: number[] = [];
    for (let start = 0; start < input.length; start += 441) joined.push(...pieces.push(input.subarray(start, start + 441)));
    expect(joined.length).toBe(whole.length);
    expect(Math.max(...joined.map((sample, index) => Math.abs(sample - whole[index]!)))).toBeLessThan(1e-6);
    expect(power(whole.subarray(100))).toBeCloseTo(0.5, 2);
  });

  it("lets nothing fold back from above half the lower rate", () => {
    const folded = new Resampler(48000, 16000).push(tone(12000, 48000, 0.5));
    expect(power(folded.subarray(100))).toBeLessThan(0.001);
  });

  it("makes as many samples as the rates say, also upwards", () => {
    expect(Math.abs(new Resampler(8000, 48000).push(tone(440, 8000, 1)).length - 48000)).toBeLessThan(100);
    expect(power(new Resampler(8000, 48000).push(tone(440, 8000, 1)).subarray(200))).toBeCloseTo(0.5, 2);
  });

  it("cuts a microphone's sound into frames of 40 ms", () => {
    const sizes: number[] = [];
    const frames = new VoiceFrames(44100, (audio, samples) => sizes.push(audio.byteLength / 2 - samples));
    for (let index = 0; index < 100; index += 1) frames.push(new Float32Array(441));
    expect(sizes.length).toBe(16000 / FRAME_SAMPLES);
    expect(new Set(sizes)).toEqual(new Set([0]));
  });
});

describe("the jitter buffer", () => {
  const ramp = (from: number, count: number) => Float32Array.from({ length: count }, (_, index) => from + index);
  const pull = (buffer: JitterBuffer, count: number) => {
    const output = new Float32Array(count);
    buffer.pull(output);
    return [...output];
  };

  it("waits until enough is there, then plays everything in order", () => {
    const buffer = new JitterBuffer(4, 20);
    buffer.push(ramp(1, 3));
    expect(pull(buffer, 2)).toEqual([0, 0]);
    buffer.push(ramp(4, 3));
    expect(pull(buffer, 4)).toEqual([1, 2, 3, 4]);
    expect(pull(buffer, 2)).toEqual([5, 6]);
  });

  it("plays silence when it runs dry, and waits a little longer the next time", () => {
    const buffer = new JitterBuffer(4, 20);
    buffer.push(ramp(1, 4));
    expect(pull(buffer, 6)).toEqual([1, 2, 3, 4, 0, 0]);
    expect(buffer.underruns).toBe(1);
    buffer.push(ramp(5, 4));
    expect(pull(buffer, 2)).toEqual([0, 0]);
    buffer.push(ramp(9, 1));
    expect(pull(buffer, 2)).toEqual([5, 6]);
  });

  it("skips what is too old, so that a conversation never lags", () => {
    const buffer = new JitterBuffer(4, 10);
    buffer.push(ramp(1, 12));
    expect(buffer.depth).toBe(4);
    expect(buffer.skipped).toBe(8);
    expect(pull(buffer, 4)).toEqual([9, 10, 11, 12]);
  });

  it.each([44_100, 48_000, 22_050, 11_025])("comes to an end at %i Hz, however often it ran dry before it had too much", (rate) => {
    const buffer = new JitterBuffer(0.08 * rate, 0.3 * rate);
    const frame = new Float32Array(Math.round(0.04 * rate));
    for (const frames of [3, 3, 20, 4, 20, 1, 30]) {
      for (let index = 0; index < frames; index += 1) buffer.push(frame);
      for (let blocks = 0; blocks < 400; blocks += 1) {
        expect(Number.isInteger(buffer.depth)).toBe(true);
        pull(buffer, 128);
      }
    }
    expect(buffer.underruns).toBeGreaterThan(1);
    expect(buffer.skipped).toBeGreaterThan(0);
  });
});
