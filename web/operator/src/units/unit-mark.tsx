import type { UnitState } from "@kiwimesh/sdk";

import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";

/** Each state has a shape of its own beside its colour and its word: hollow is free, filled is busy, a bar is at a place. */
const SHAPES: Record<UnitState, string> = {
  available: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z",
  assigned: "M10 2.5 17.5 10 10 17.5 2.5 10z",
  acknowledged: "M10 2.5 17.5 10 10 17.5 2.5 10zM6.8 10l2.3 2.4 4.2-4.6",
  en_route: "M4 3.5 16.5 10 4 16.5z",
  on_scene: "M4 4h12v12H4z",
  transporting: "M2.5 4.5 10 10 2.5 15.5zM10 4.5 17.5 10 10 15.5z",
  at_hospital: "M3.5 3.5h13v13h-13zM10 6.5v7M6.5 10h7",
  clear: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM5 15 15 5",
};

const HOLLOW: readonly UnitState[] = ["available", "acknowledged", "at_hospital", "clear"];

export function stateColour(state: UnitState): string {
  if (state === "available") return "var(--good)";
  if (state === "clear") return "var(--soft)";
  return state === "on_scene" || state === "transporting" || state === "at_hospital" ? "var(--mine)" : "var(--accent)";
}

export function UnitShape({ state }: { state: UnitState }) {
  const colour = stateColour(state);
  return (
    <path
      d={SHAPES[state]}
      fill={HOLLOW.includes(state) ? "var(--surface)" : colour}
      stroke={colour}
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  );
}

export function UnitMark({ state, className }: { state: UnitState; className?: string }) {
  return (
    <svg viewBox="0 0 20 20" role="img" aria-label={strings.unitState[state]} className={cn("size-4 shrink-0", className)}>
      <UnitShape state={state} />
    </svg>
  );
}
