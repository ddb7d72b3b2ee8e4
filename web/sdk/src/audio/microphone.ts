/** The microphone as frames of 16-bit sound at 16 kHz. */
import captureUrl from "./capture.worklet.ts?worker&url";
import { VoiceFrames } from "./frames16k.ts";

export type MicrophoneRefusal = "denied" | "missing" | "insecure" | "failed";

export class MicrophoneError extends Error {
  readonly why: MicrophoneRefusal;

  constructor(why: MicrophoneRefusal) {
    super(`microphone: ${why}`);
    this.why = why;
  }
}

export interface Microphone {
  readonly close: () => void;
}

/** `onLevel` gets the loudness of each piece, 0 to 1. Throws MicrophoneError. */
export async function openMicrophone(
  onFrame: (audio: Uint8Array<ArrayBuffer>, samples: number) => void,
  onLevel: (level: number) => void = () => undefined,
): Promise<Microphone> {
  const stream = await askForMicrophone();
  const context = new AudioContext({ latencyHint: "interactive" });
  await context.audioWorklet.addModule(captureUrl);
  const frames = new VoiceFrames(context.sampleRate, onFrame);
  const node = new AudioWorkletNode(context, "kiwimesh-capture", { numberOfOutputs: 0 });
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    frames.push(data);
    onLevel(loudness(data));
  };
  context.createMediaStreamSource(stream).connect(node);
  return {
    close: () => {
      node.port.onmessage = null;
      for (const track of stream.getTracks()) track.stop();
      void context.close();
    },
  };
}

async function askForMicrophone(): Promise<MediaStream> {
  // Browsers offer no microphone at all to a page that came over plain HTTP from another machine.
  if (!navigator.mediaDevices) throw new MicrophoneError("insecure");
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new MicrophoneError(refusal(error));
  }
}

function refusal(error: unknown): MicrophoneRefusal {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "denied";
  return name === "NotFoundError" ? "missing" : "failed";
}

export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
  return Math.min(1, Math.sqrt(power) * 4);
}
