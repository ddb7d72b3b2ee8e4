/** Samples from bytes and bytes from samples: 16-bit PCM (little-endian) and the two G.711 companders. */
import type { Binary, Encoding } from "../contract.ts";

const MULAW = Float32Array.from({ length: 256 }, (_, code) => expandMulaw(code) / 32768);
const ALAW = Float32Array.from({ length: 256 }, (_, code) => expandAlaw(code) / 32768);

/** Samples between -1 and 1. Returns null for opus, which is decoded elsewhere. */
export function decode(encoding: Encoding, audio: Binary): Float32Array<ArrayBuffer> | null {
  const bytes = audio instanceof Uint8Array ? audio : new Uint8Array(audio);
  switch (encoding) {
    case "pcm16":
      return decodePcm16(bytes);
    case "mulaw":
      return Float32Array.from(bytes, (code) => MULAW[code] ?? 0);
    case "alaw":
      return Float32Array.from(bytes, (code) => ALAW[code] ?? 0);
    case "opus":
      return null;
  }
}

export function encodePcm16(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, index) => {
    const clipped = Math.max(-1, Math.min(1, sample));
    view.setInt16(index * 2, Math.round(clipped * 32767), true);
  });
  return bytes;
}

function decodePcm16(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength >> 1 }, (_, index) => view.getInt16(index * 2, true) / 32768);
}

/** ITU-T G.711, table 2. */
function expandMulaw(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4);
  return inverted & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

/** ITU-T G.711, table 1. */
function expandAlaw(code: number): number {
  const toggled = code ^ 0x55;
  const segment = (toggled & 0x70) >> 4;
  const base = ((toggled & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? base : (base + 0x100) << (segment - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
}
