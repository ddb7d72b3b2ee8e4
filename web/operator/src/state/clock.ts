/** One clock for all running times on the page: it ticks once a second for everybody. */
import { useSyncExternalStore } from "react";

const watchers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function tick(): void {
  now = Date.now();
  for (const watcher of watchers) watcher();
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(tick, 1000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || !timer) return;
    clearInterval(timer);
    timer = null;
  };
}

/** Whole seconds since a moment of the server's clock; null keeps still. */
export function useSecondsSince(moment: string | null, clockOffset: number): number {
  return useSyncExternalStore(subscribe, () =>
    moment === null ? 0 : Math.max(0, Math.floor((now + clockOffset - Date.parse(moment)) / 1000)),
  );
}

/** Whole seconds until a moment of the server's clock; 0 when it is past or there is none. */
export function useSecondsUntil(moment: string | null, clockOffset: number): number {
  return useSyncExternalStore(subscribe, () =>
    moment === null ? 0 : Math.max(0, Math.ceil((Date.parse(moment) - now - clockOffset) / 1000)),
  );
}

/** 75 -> 1:15, 3675 -> 1:01:15. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

export function timeOfDay(moment: string | number): string {
  return new Date(moment).toLocaleTimeString("en-GB");
}
