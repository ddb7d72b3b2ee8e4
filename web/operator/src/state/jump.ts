/** Jumps between the words of the transcript and the parts of the card, and marks what was jumped to. */
import type { Evidence, Target } from "@kiwimesh/sdk";
import { flushSync } from "react-dom";

import { change } from "./view.ts";

const SHOWN_MS = 1900;

export function cardId(target: Target): string {
  return `card-${target}`;
}

export function jumpToCard(target: Target): void {
  show([document.getElementById(cardId(target))]);
}

export function jumpToWords({ channel, start_s, end_s }: Evidence): void {
  flushSync(() => change({ tab: "transcript", place: start_s }));
  const words = [...document.querySelectorAll<HTMLElement>(`[data-channel="${channel}"] [data-start]`)];
  const place = (word: HTMLElement) => Number(word.dataset["start"]);
  const meant = words.filter((word) => place(word) >= start_s - 0.05 && place(word) < Math.max(end_s, start_s + 0.1));
  // The words may have been heard differently since: the nearest ones are the place.
  const nearest = words.toSorted((a, b) => Math.abs(place(a) - start_s) - Math.abs(place(b) - start_s)).slice(0, 1);
  const found = meant.length > 0 ? meant : nearest;
  show([...new Set(found.map((word) => word.closest("button") ?? word))]);
}

let spoken: HTMLElement | null = null;

/** Marks the word of the transcript that is being heard again; null takes the mark away. */
export function markSpoken(second: number | null): void {
  const words = second === null ? [] : [...document.querySelectorAll<HTMLElement>("[data-testid=transcript] [data-start]")];
  const heard = words.filter((word) => Number(word.dataset["start"]) <= (second ?? 0) + 0.05);
  const word = heard.reduce<HTMLElement | null>(
    (latest, candidate) => (latest && Number(latest.dataset["start"]) > Number(candidate.dataset["start"]) ? latest : candidate),
    null,
  );
  if (word === spoken) return;
  spoken?.classList.remove("spoken");
  word?.classList.add("spoken");
  spoken = word;
}

/** The second of the call behind a place that was clicked, where it has one. A part of the card has its own click. */
export function secondAt(target: EventTarget): number | null {
  const element = target instanceof Element ? target.closest<HTMLElement>("[data-start]") : null;
  if (!element || element.closest("button")) return null;
  return Number(element.dataset["start"]);
}

function show(elements: readonly (HTMLElement | null)[]): void {
  elements[0]?.scrollIntoView({ block: "center", behavior: "auto" });
  for (const element of elements) {
    element?.classList.add("flash");
    setTimeout(() => element?.classList.remove("flash"), SHOWN_MS);
  }
}
