/** Whether more calls come in than usual: counted from the queue, looked at once a second. */
import { CALM, Store, surgeAfter, type ConsoleState, type Surge } from "@kiwimesh/sdk";

const LOOK_EVERY_MS = 1000;
const MINUTE_MS = 60_000;

export class Surges {
  readonly state = new Store<Surge>(CALM);
  private readonly console: Store<ConsoleState>;
  /** When each call of the last minute came in, also those that have left the queue. */
  private readonly arrivals = new Map<string, number>();
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(console: Store<ConsoleState>) {
    this.console = console;
  }

  open(): void {
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  close(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private look(): void {
    const { queue, clockOffset } = this.console.get();
    const now = Date.now() + clockOffset;
    for (const call of queue.values()) this.arrivals.set(call.call_id, Date.parse(call.started_at));
    for (const [callId, at] of this.arrivals) if (now - at > MINUTE_MS) this.arrivals.delete(callId);
    this.state.set(surgeAfter(this.state.get(), [...this.arrivals.values()], now));
  }
}
