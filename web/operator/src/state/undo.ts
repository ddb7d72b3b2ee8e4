/**
 * A few seconds to think better of it. What cannot be taken back on the server waits here before it is sent; what can,
 * is sent at once and taken back by its own opposite. One thing at a time: the next one settles the one before.
 */
import { Store } from "@kiwimesh/sdk";

export const UNDO_MS = 5000;

export interface Undoable {
  readonly what: string;
  /** Milliseconds of this computer's clock. */
  readonly until: number;
}

interface Waiting {
  /** Sends what waited, or nothing. */
  readonly settle: () => void;
  readonly undo: () => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Undo {
  readonly offered = new Store<Undoable | null>(null);
  private waiting: Waiting | null = null;

  /** Does it when the time is over, unless it is undone before. */
  later(what: string, act: () => void): void {
    this.offer(what, act, () => undefined);
  }

  /** It is done already; `undo` does the opposite. */
  done(what: string, undo: () => void): void {
    this.offer(what, () => undefined, undo);
  }

  undo(): void {
    const waiting = this.take();
    waiting?.undo();
  }

  /** The time is over, or the page goes away: what waits is done now. */
  settle(): void {
    const waiting = this.take();
    waiting?.settle();
  }

  private offer(what: string, settle: () => void, undo: () => void): void {
    this.settle();
    this.waiting = { settle, undo, timer: setTimeout(() => this.settle(), UNDO_MS) };
    this.offered.set({ what, until: Date.now() + UNDO_MS });
  }

  private take(): Waiting | null {
    const { waiting } = this;
    if (waiting) clearTimeout(waiting.timer);
    this.waiting = null;
    this.offered.set(null);
    return waiting;
  }
}
