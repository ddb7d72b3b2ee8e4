/** Two-way voice of the call that this console has answered: plays the caller, sends the microphone. */
import { FrameLog, FrameSender, Store, type AudioAck, type OperatorConnection, type RelayedFrame } from "@kiwimesh/sdk";
import { MicrophoneError, openMicrophone, Player, VOICE_FORMAT, type Microphone, type MicrophoneRefusal } from "@kiwimesh/sdk/audio";

const KEPT_S = 60;
const WINDOW_S = 3;
/** Whoever gets a call is told where its operator's sound stands; after this silence the page begins by itself. */
const SILENCE_MS = 300;
/** An acknowledgement this shortly before the call began was meant for it. */
const JUST_BEFORE_MS = 1000;

export interface VoiceState {
  readonly callId: string | null;
  readonly microphone: "off" | "asking" | "on" | MicrophoneRefusal;
}

const OFF: VoiceState = { callId: null, microphone: "off" };

export class Voice {
  readonly state = new Store<VoiceState>(OFF);
  private readonly connection: Pick<OperatorConnection, "sendVoice">;
  private sender: FrameSender | null = null;
  private lastAck: { ack: AudioAck | null; at: number } = { ack: null, at: 0 };
  /** Frames may go out now. */
  private flowing = false;
  /** Frames have gone out since the call began here, so that the numbers are ours. */
  private begun = false;
  private microphone: Microphone | null = null;
  private player: Player | null = null;
  /** The call that is heard without a voice in it. */
  private listening: { callId: string; player: Player | null } | null = null;

  constructor(connection: Pick<OperatorConnection, "sendVoice">) {
    this.connection = connection;
  }

  begin(callId: string): void {
    if (this.state.get().callId === callId) return;
    this.end();
    this.state.set({ callId, microphone: "asking" });
    const log = new FrameLog(KEPT_S * VOICE_FORMAT.sample_rate);
    this.sender = new FrameSender(log, (frame) => this.connection.sendVoice(callId, frame), WINDOW_S * VOICE_FORMAT.sample_rate);
    const { ack, at } = this.lastAck;
    if (ack && Date.now() - at < JUST_BEFORE_MS) this.adopt(ack);
    else this.awaitServer();
    void this.openPlayer();
    void this.openMicrophone(callId);
  }

  end(): void {
    this.microphone?.close();
    this.player?.close();
    this.microphone = this.player = this.sender = null;
    this.flowing = this.begun = false;
    this.state.set(OFF);
  }

  /** Hears a call without being heard; null ends it. */
  listen(callId: string | null): void {
    if (callId === (this.listening?.callId ?? null)) return;
    this.listening?.player?.close();
    this.listening = callId === null ? null : { callId, player: null };
    const begun = this.listening;
    if (begun === null) return;
    void Player.open().then((player) => {
      if (this.listening === begun) begun.player = player;
      else player.close();
    });
  }

  relay(frame: RelayedFrame): void {
    const own = frame.call_id === this.state.get().callId;
    const player = own ? this.player : frame.call_id === this.listening?.callId ? this.listening.player : null;
    player?.play(frame);
  }

  confirmed(ack: AudioAck): void {
    this.lastAck = { ack, at: Date.now() };
    if (!this.sender) return;
    if (this.flowing) this.sender.confirmed(ack.next_seq, ack.next_offset);
    else if (this.begun) this.resume(ack);
    else this.adopt(ack);
  }

  rewind(expectedSeq: number): void {
    this.sender?.rewind(expectedSeq);
  }

  pause(): void {
    this.flowing = false;
    this.sender?.pause();
  }

  /** The call has just begun here, or the connection is back. */
  awaitServer(): void {
    setTimeout(() => {
      if (!this.sender || this.flowing) return;
      this.flowing = this.begun = true;
      this.sender.start();
    }, SILENCE_MS);
  }

  private adopt(ack: AudioAck): void {
    this.flowing = this.begun = true;
    this.sender?.adopt(ack.next_seq, ack.next_offset);
  }

  private resume(ack: AudioAck): void {
    this.flowing = true;
    this.sender?.resume(ack.next_seq, ack.next_offset);
  }

  private async openPlayer(): Promise<void> {
    const player = await Player.open();
    if (this.sender) this.player = player;
    else player.close();
  }

  private async openMicrophone(callId: string): Promise<void> {
    const current = () => this.state.get().callId === callId;
    try {
      const microphone = await openMicrophone((audio, samples) => this.sender?.push(audio, samples));
      if (!current()) return microphone.close();
      this.microphone = microphone;
      this.state.set({ callId, microphone: "on" });
    } catch (error) {
      const why = error instanceof MicrophoneError ? error.why : "failed";
      if (current()) this.state.set({ callId, microphone: why });
    }
  }
}
