/**
 * The last queue and units that this page saw, kept in the browser for when the server is away. Without a word of any
 * transcript; gone when the operator signs out, and of no use after a shift.
 */
import type { CallState, ConsoleState, KeyValueStore, UnitState } from "@kiwimesh/sdk";

const KEY = "kiwimesh.last-known";
const SHIFT_MS = 12 * 3600_000;
export const KEEP_EVERY_MS = 2000;

export interface KnownCall {
  readonly id: string;
  readonly state: CallState;
  readonly category: number | null;
  readonly headline: string;
  readonly place: string;
  readonly phone: string | null;
  readonly startedAt: string;
  readonly with: string | null;
  readonly exercise: boolean;
}

export interface KnownUnit {
  readonly id: string;
  readonly name: string;
  readonly state: UnitState;
  readonly place: string;
  readonly exercise: boolean;
}

export interface LastKnown {
  /** Milliseconds of this computer's clock. */
  readonly at: number;
  readonly centre: string;
  readonly calls: readonly KnownCall[];
  readonly units: readonly KnownUnit[];
}

export function lastKnownOf(state: ConsoleState, now: number): LastKnown {
  const { incidents, units } = state.board;
  return {
    at: now,
    centre: state.centreName,
    calls: [...state.queue.values()].map((call) => ({
      id: call.call_id,
      state: call.state,
      category: call.category,
      headline: call.headline,
      place: call.location,
      phone: call.phone,
      startedAt: call.started_at,
      with: call.answered_by,
      exercise: call.exercise,
    })),
    units: [...units.values()].map((unit) => ({
      id: unit.unit_id,
      name: unit.call_sign,
      state: unit.state,
      place: (unit.incident_id && incidents.get(unit.incident_id)?.place) || "",
      exercise: unit.exercise,
    })),
  };
}

export function keep(store: KeyValueStore, known: LastKnown): void {
  try {
    store.setItem(KEY, JSON.stringify(known));
  } catch {
    // A full store must not disturb the work; the older snapshot stays.
  }
}

/** Null where there is none, or one from another shift. */
export function recall(store: KeyValueStore, now: number): LastKnown | null {
  try {
    const known = JSON.parse(store.getItem(KEY) ?? "null") as LastKnown | null;
    return known && now - known.at < SHIFT_MS ? known : null;
  } catch {
    return null;
  }
}

export function forget(store: KeyValueStore): void {
  store.removeItem(KEY);
}
