/**
 * What a crew has tapped and the server does not have yet. Each tap is written down with its time before anything is sent,
 * goes out in order, one at a time, and keeps its Idempotency-Key until it is answered: however often a dead spot eats the
 * answer, it is carried out once. A tap that the server refuses is put aside with the reason and does not hold up the rest.
 *
 * The storage is the truth, not this object: another tab of the same phone works on the same list.
 * Bound: 50 taps; one more is not taken, because a mission has eight. Put aside are the last 10.
 */
import { localProblem, ProblemError, Store, type KeyValueStore, type Problem, type UnitState } from "@kiwimesh/sdk";

export type Deed =
  | { readonly kind: "report"; readonly state: UnitState; readonly incidentId: string | null }
  | { readonly kind: "duty"; readonly onDuty: boolean }
  | { readonly kind: "offer"; readonly offerId: string; readonly accept: boolean };

export interface Tap {
  /** Idempotency-Key. */
  readonly key: string;
  readonly unitId: string;
  readonly deed: Deed;
  /** When it was tapped, by the server's clock as far as this phone knows it. */
  readonly at: string;
}

export interface Refusal {
  readonly tap: Tap;
  readonly problem: Problem;
}

export interface Taps {
  readonly waiting: readonly Tap[];
  readonly refused: readonly Refusal[];
}

const LIMIT = 50;
const REFUSED_LIMIT = 10;
const EMPTY: Taps = { waiting: [], refused: [] };
/** The person must sign in again; the tap is as good as before. */
const SIGNED_OUT: readonly Problem["code"][] = ["not_signed_in", "token_expired", "sign_in_failed", "second_factor_needed"];

export class TapQueue {
  readonly state: Store<Taps>;
  private readonly store: KeyValueStore;
  private readonly name: string;
  private readonly makeKey: () => string;
  private sending: Promise<void> | null = null;

  /** `personId`: a phone changes hands, and nobody sends another's taps as their own. */
  constructor(store: KeyValueStore, personId: string, makeKey: () => string = () => crypto.randomUUID()) {
    this.store = store;
    this.name = `kiwimesh.crew.taps.${personId}`;
    this.makeKey = makeKey;
    this.state = new Store(this.read());
  }

  /** Reads the list anew: another tab has changed it. */
  look(): void {
    this.state.set(this.read());
  }

  /** Writes a tap down. The same tap again while it waits is one tap. Throws ProblemError when there are too many. */
  add(unitId: string, deed: Deed, at: string): Tap {
    const { waiting } = this.read();
    const last = waiting.at(-1);
    if (last?.unitId === unitId && JSON.stringify(last.deed) === JSON.stringify(deed)) return last;
    if (waiting.length >= LIMIT) {
      throw new ProblemError(localProblem("too_many", "Too many taps wait to be sent.", "Tell the operator by radio."));
    }
    const tap: Tap = { key: this.makeKey(), unitId, deed, at };
    this.change((taps) => ({ ...taps, waiting: [...taps.waiting, tap] }));
    return tap;
  }

  /** The crew has read why a tap was refused. */
  dismiss(key: string): void {
    this.change((taps) => ({ ...taps, refused: taps.refused.filter(({ tap }) => tap.key !== key) }));
  }

  /**
   * Sends what waits, the oldest first, each when the one before it is answered. Stops where the server cannot be
   * reached, is in trouble, or wants somebody to sign in, and throws that; what was not answered waits on.
   */
  send(deliver: (tap: Tap) => Promise<void>): Promise<void> {
    this.sending ??= onePerPhone(this.name, () => this.sendAll(deliver)).finally(() => (this.sending = null));
    return this.sending;
  }

  clear(): void {
    this.store.removeItem(this.name);
    this.state.set(EMPTY);
  }

  private async sendAll(deliver: (tap: Tap) => Promise<void>): Promise<void> {
    for (let tap = this.read().waiting[0]; tap; tap = this.read().waiting[0]) {
      const refusal = await this.sendOne(tap, deliver);
      const { key } = tap;
      this.change(({ waiting, refused }) => ({
        waiting: waiting.filter((one) => one.key !== key),
        refused: refusal ? [...refused, refusal].slice(-REFUSED_LIMIT) : refused,
      }));
    }
  }

  private async sendOne(tap: Tap, deliver: (tap: Tap) => Promise<void>): Promise<Refusal | null> {
    try {
      await deliver(tap);
      return null;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { problem } = error;
      if (problem.retryable || problem.fault === "system" || SIGNED_OUT.includes(problem.code)) throw error;
      return { tap, problem };
    }
  }

  private read(): Taps {
    try {
      return { ...EMPTY, ...(JSON.parse(this.store.getItem(this.name) ?? "{}") as Partial<Taps>) };
    } catch {
      return EMPTY;
    }
  }

  private change(make: (taps: Taps) => Taps): void {
    const taps = make(this.read());
    this.store.setItem(this.name, JSON.stringify(taps));
    this.state.set(taps);
  }
}

/** Two tabs never send at the same time. */
async function onePerPhone(name: string, work: () => Promise<void>): Promise<void> {
  if (globalThis.navigator?.locks) await navigator.locks.request(name, work);
  else await work();
}
