import type { Store } from "@kiwimesh/sdk";
import { useEffect, useState, useSyncExternalStore } from "react";

import type { Crew } from "./crew.ts";
import type { TapQueue, Taps } from "./taps.ts";

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

const NO_TAPS: Taps = { waiting: [], refused: [] };
const noTaps = (): Taps => NO_TAPS;
const neverChanges = () => () => undefined;

export function useTaps(crew: Crew): Taps {
  const queue: TapQueue | null = useStore(crew.taps);
  return useSyncExternalStore(queue?.state.subscribe ?? neverChanges, queue?.state.get ?? noTaps);
}

/** Draws again every second, for countdowns. */
export function useSecond(): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
}

export function clock(at: string | number): string {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
