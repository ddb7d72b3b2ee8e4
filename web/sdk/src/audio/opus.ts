/** Opus packets to samples, with the browser's own decoder. Browsers without one play nothing of such a call. */
export class OpusPlayer {
  private readonly decoder: AudioDecoder | null;
  private microseconds = 0;

  /** `onSamples` gets mono samples and their rate. */
  constructor(onSamples: (samples: Float32Array<ArrayBuffer>, rate: number) => void) {
    if (typeof AudioDecoder === "undefined") {
      this.decoder = null;
      return;
    }
    const output = (data: AudioData) => {
      const samples = new Float32Array(data.numberOfFrames);
      data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      const rate = data.sampleRate;
      data.close();
      onSamples(samples, rate);
    };
    this.decoder = new AudioDecoder({ output, error: () => undefined });
    this.decoder.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 1 });
  }

  push(packet: BufferSource): void {
    if (this.decoder?.state !== "configured") return;
    this.microseconds += 20_000;
    this.decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: this.microseconds, data: packet }));
  }

  close(): void {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
  }
}
