/** The sounds of the console, made on the spot: the ring, the note of a call that became more urgent, the metronome. */
import { Store } from "@kiwimesh/sdk";

const MUTED = "kiwimesh.muted";
const RING_EVERY_MS = 2600;
const ALERT_EVERY_MS = 7000;
const BEATS_EVERY_MS = 500;
const BEATS_AHEAD_S = 2.5;

/**
 * Clicks on the sound card's own clock, laid out ahead of time: a busy page or a tab in the background, whose timers run
 * once a second, does not make a beat late.
 */
class Beats {
  private readonly context: AudioContext;
  private readonly everyS: number;
  private readonly out: GainNode;
  private readonly timer: ReturnType<typeof setInterval>;
  private next: number;

  constructor(context: AudioContext, everyS: number) {
    this.context = context;
    this.everyS = everyS;
    this.out = new GainNode(context, { gain: 1 });
    this.out.connect(context.destination);
    this.next = context.currentTime + 0.05;
    this.timer = setInterval(() => this.layOut(), BEATS_EVERY_MS);
    this.layOut();
  }

  stop(): void {
    clearInterval(this.timer);
    this.out.disconnect();
  }

  private layOut(): void {
    const until = this.context.currentTime + BEATS_AHEAD_S;
    for (; this.next < until; this.next += this.everyS) click(this.context, this.out, this.next);
  }
}

function click(context: AudioContext, out: AudioNode, at: number): void {
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0.25, at);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.06);
  const oscillator = new OscillatorNode(context, { frequency: 1000 });
  oscillator.connect(gain).connect(out);
  oscillator.start(at);
  oscillator.stop(at + 0.08);
}

class Sounds {
  /** `blocked`: the browser waits for a click or a key before it lets the page be heard. */
  readonly state = new Store<"on" | "off" | "blocked">(localStorage.getItem(MUTED) ? "off" : "on");
  private context: AudioContext | null = null;
  private alertTimer: ReturnType<typeof setInterval> | null = null;
  private ringTimer: ReturnType<typeof setInterval> | null = null;
  private beats: Beats | null = null;

  toggle(): void {
    const off = this.state.get() !== "off";
    if (off) localStorage.setItem(MUTED, "yes");
    else localStorage.removeItem(MUTED);
    this.state.set(off ? "off" : "on");
  }

  ring(on: boolean): void {
    if (on === (this.ringTimer !== null)) return;
    if (this.ringTimer) clearInterval(this.ringTimer);
    this.ringTimer = on ? setInterval(() => this.ringOnce(), RING_EVERY_MS) : null;
    if (on) this.ringOnce();
  }

  /** Something went wrong that a supervisor must see: three falling tones, again and again until it was read. */
  alert(on: boolean): void {
    if (on === (this.alertTimer !== null)) return;
    if (this.alertTimer) clearInterval(this.alertTimer);
    this.alertTimer = on ? setInterval(() => this.alertOnce(), ALERT_EVERY_MS) : null;
    if (on) this.alertOnce();
  }

  /** A call became category 1. */
  alarm(): void {
    for (const [index, pitch] of [660, 660, 880].entries()) this.tone(pitch, index * 0.16, 0.13, 0.16);
  }

  /** Beats a minute, or null for silence. It is heard even when the other sounds are off: it was asked for. */
  metronome(bpm: number | null): void {
    this.beats?.stop();
    this.beats = bpm ? new Beats((this.context ??= new AudioContext()), 60 / bpm) : null;
  }

  /** Called at the first click or key: now the page may be heard. */
  unblock(): void {
    if (this.context?.state === "suspended") void this.context.resume().then(() => this.show());
  }

  private alertOnce(): void {
    for (const [index, pitch] of [990, 740, 550].entries()) this.tone(pitch, index * 0.22, 0.2, 0.14);
  }

  private ringOnce(): void {
    for (const start of [0, 0.55]) {
      this.tone(440, start, 0.4, 0.09);
      this.tone(480, start, 0.4, 0.09);
    }
  }

  private tone(pitch: number, start: number, length: number, volume: number): void {
    if (this.state.get() === "off") return;
    const context = (this.context ??= new AudioContext());
    this.show();
    // Tones for a silenced page would pile up and all sound at the first click.
    if (context.state === "suspended") return;
    const at = context.currentTime + start;
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setTargetAtTime(volume, at, 0.01);
    gain.gain.setTargetAtTime(0, at + length, 0.03);
    const oscillator = new OscillatorNode(context, { frequency: pitch });
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + length + 0.3);
  }

  private show(): void {
    if (this.state.get() === "off") return;
    this.state.set(this.context?.state === "suspended" ? "blocked" : "on");
  }
}

export const sounds = new Sounds();
