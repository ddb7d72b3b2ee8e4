/** Every word that the page shows, in one place. Short, plain, readable in panic. */
import type { CallPhase } from "@kiwimesh/sdk";
import type { MicrophoneRefusal } from "@kiwimesh/sdk/audio";

export const strings = {
  title: "Call for help",
  about: "Talk to an emergency operator through this page. Computers help the operator by writing down what you say; a person decides.",
  number: (number: string) => `You can always ring ${number}`,
  someNumber: "You can always ring the emergency number",
  numberAbout: "If this page does not work, or nobody answers, use a phone.",
  call: "Call for help",
  callAbout: "Uses your microphone. No account is needed.",
  hangUp: "Hang up",
  again: "Call again",
  phase: {
    none: "",
    opening: "Connecting…",
    ringing: "Ringing",
    answered: "Connected to an operator",
    on_hold: "On hold, stay on the line",
    ended: "The call has ended",
  } satisfies Record<CallPhase | "none" | "opening", string>,
  speak: "You can speak now, also while it rings: everything you say is kept and heard.",
  link: {
    connected: "Connected",
    connecting: "Connecting…",
    broken: "Connection lost. Keep talking: your voice is kept and sent when the line is back.",
  },
  kept: (seconds: string) => `${seconds} s of sound still to be sent`,
  allSent: "Everything you said has arrived",
  microphone: {
    refused: (why: MicrophoneRefusal) =>
      ({
        denied: "The microphone is blocked. Allow it in your browser, or use a phone.",
        missing: "No microphone was found. Use a phone.",
        insecure: "This page may not use the microphone, because it was not opened over HTTPS. Use a phone.",
        failed: "The microphone did not start. Use a phone.",
      })[why],
  },
  offer: {
    title: "The operator is calling you back",
    answer: "Answer",
  },
  open: {
    title: "Your call is still open",
    about: "This page was loaded anew in the middle of a call.",
    resume: "Go on with the call",
  },
  samples: {
    title: "For trying it out: play a recorded call",
    about: "A recording is sent instead of your microphone. Real operators of this server will see it.",
    none: "No recordings are offered by this server.",
    play: "Play",
    seconds: (seconds: number) => `${Math.round(seconds)} s`,
    failed: "The recording could not be loaded.",
    playing: (title: string) => `Playing “${title}”`,
  },
} as const;
