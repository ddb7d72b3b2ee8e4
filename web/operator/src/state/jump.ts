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
  flushSync(() => change({ tab: "transcript" }));
  const words = [...document.querySelectorAll<HTMLElement>(`[data-channel="${channel}"] [data-start]`)];
  const place = (word: HTMLElement) => Number(word.dataset["start"]);
  const meant = words.filter((word) => place(word) >= start_s - 0.05 && place(word) < Math.max(end_s, start_s + 0.1));
  // The words may have been heard differently since: the nearest ones are the place.
  const nearest = words.toSorted((a, b) => Math.abs(place(a) - start_s) - Math.abs(place(b) - start_s)).slice(0, 1);
  const found = meant.length > 0 ? meant : nearest;
  show([...new Set(found.map((word) => word.closest("button") ?? word))]);
}

function show(elements: readonly (HTMLElement | null)[]): void {
  elements[0]?.scrollIntoView({ block: "center", behavior: "auto" });
  for (const element of elements) {
    element?.classList.add("flash");
    setTimeout(() => element?.classList.remove("flash"), SHOWN_MS);
  }
}
