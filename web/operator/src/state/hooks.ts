/** The desk's values, watched by components. */
import type { CallSummary, ConsoleState, OpenedCall, Store } from "@kiwimesh/sdk";
import { createContext, useContext, useSyncExternalStore } from "react";

import { openedCall, type Desk } from "./desk.ts";

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("no desk around this component");
  return desk;
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** A part of what the console knows. `pick` must return the same object for the same state. */
export function useConsole<T>(pick: (state: ConsoleState) => T): T {
  const { console } = useDesk();
  return useSyncExternalStore(console.subscribe, () => pick(console.get()));
}

export interface ShownCall extends OpenedCall {
  readonly callId: string;
  /** Its line in the queue; null when it has left the queue. */
  readonly summary: CallSummary | null;
  /** Answered from this seat. */
  readonly mine: boolean;
}

export function useShownCall(): ShownCall | null {
  const desk = useDesk();
  const callId = useStore(desk.shown);
  const opened = useConsole((state) => openedCall(state, callId));
  const summary = useConsole((state) => (callId !== null && state.queue.get(callId)) || null);
  const mySeat = useConsole((state) => state.seat?.seat_id ?? null);
  if (callId === null) return null;
  return { ...opened, callId, summary, mine: summary !== null && summary.seat_id === mySeat && summary.state !== "ringing" };
}
