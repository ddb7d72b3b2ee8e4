/** Two-way voice of the call that this console has answered: plays the caller, sends the microphone. */
import { FrameLog, FrameSender, Store, type AudioAck, type OperatorConnection, type RelayedFrame } from "@kiwimesh/sdk";
import { MicrophoneError, openMicrophone, Player, VOICE_FORMAT, type Microphone, type MicrophoneRefusal } from "@kiwimesh/sdk/audio";

const KEPT_S = 60;
const WINDOW_S = 3;
/** After a reconnect the server says where it stands; a server that stays silent for this long expects what we have. */
const SILENCE_MS = 1500;

export interface VoiceState {
  readonly callId: string | null;
  readonly microphone: "off" | "asking" | "on" | MicrophoneRefusal;
}

const OFF: VoiceState = { callId: null, microphone: "off" };

export class Voice {
  readonly state = new Store<VoiceState>(OFF);
  private readonly connection: Pick<OperatorConnection, "sendVoice">;
  private sender: FrameSender | null = null;
  private flowing = false;
  private microphone: Microphone | null = null;
  private player: Player | null = null;

  constructor(connection: Pick<OperatorConnection, "sendVoice">) {
    this.connection = connection;
  }

  /** `fresh`: answered just now, so that frame 0 is the next one; else the server must say where it stands. */
  begin(callId: string, fresh: boolean): void {
    if (this.state.get().callId === callId) return;
    this.end();
    this.state.set({ callId, microphone: "asking" });
    const log = new FrameLog(KEPT_S * VOICE_FORMAT.sample_rate);
    this.sender = new FrameSender(log, (frame) => this.connection.sendVoice(callId, frame), WINDOW_S * VOICE_FORMAT.sample_rate);
    if (fresh) this.flow();
    void this.openPlayer();
    void this.openMicrophone(callId);
  }

  end(): void {
    this.microphone?.close();
    this.player?.close();
    this.microphone = this.player = this.sender = null;
    this.flowing = false;
    this.state.set(OFF);
  }

  relay(frame: RelayedFrame): void {
    if (frame.call_id === this.state.get().callId) this.player?.play(frame);
  }

  confirmed(ack: AudioAck): void {
    if (this.flowing) {
      this.sender?.confirmed(ack.next_seq);
    } else if (this.sender) {
      this.flowing = true;
      this.sender.resume(ack.next_seq, ack.next_offset);
    }
  }

  rewind(expectedSeq: number): void {
    this.sender?.rewind(expectedSeq);
  }

  pause(): void {
    this.flowing = false;
    this.sender?.pause();
  }

  /** The connection is back. */
  awaitServer(): void {
    setTimeout(() => {
      if (this.sender && !this.flowing) this.flow();
    }, SILENCE_MS);
  }

  private flow(): void {
    this.flowing = true;
    this.sender?.start();
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
