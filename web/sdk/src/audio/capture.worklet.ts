/** Hands the microphone's sound to the page in small pieces. */
const PIECE = 512;

class Capture extends AudioWorkletProcessor {
  private piece = new Float32Array(PIECE);
  private filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const input = inputs[0]?.[0];
    if (input) this.collect(input);
    return true;
  }

  private collect(input: Float32Array): void {
    for (let taken = 0; taken < input.length; ) {
      const part = input.subarray(taken, taken + PIECE - this.filled);
      this.piece.set(part, this.filled);
      this.filled += part.length;
      taken += part.length;
      if (this.filled === PIECE) this.hand();
    }
  }

  private hand(): void {
    this.port.postMessage(this.piece, [this.piece.buffer]);
    this.piece = new Float32Array(PIECE);
    this.filled = 0;
  }
}

registerProcessor("kiwimesh-capture", Capture);
