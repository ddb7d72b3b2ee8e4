/** Plays sound that arrives in messages, through a jitter buffer, at the context's own rate. */
import { JitterBuffer } from "./jitter.ts";

/** Seconds: begin when this much is there, never hold more than the limit. */
const TARGET_S = 0.08;
const LIMIT_S = 0.3;

class Playback extends AudioWorkletProcessor {
  private readonly buffer = new JitterBuffer(TARGET_S * sampleRate, LIMIT_S * sampleRate);

  constructor() {
    super();
    this.port.onmessage = (message: MessageEvent<Float32Array>) => this.buffer.push(message.data);
  }

  process(_: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (output) this.buffer.pull(output);
    return true;
  }
}

registerProcessor("kiwimesh-playback", Playback);
