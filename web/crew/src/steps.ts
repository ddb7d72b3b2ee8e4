/**
 * The steps of a mission as a crew reports them: the same table as the server's (dispatch/dispatching/unit_states.py),
 * which decides; here it says which buttons are shown.
 */
import type { UnitState, UnitView } from "@kiwimesh/sdk";

import type { Tap } from "./taps.ts";

export const NEXT: Record<UnitState, readonly UnitState[]> = {
  available: [],
  assigned: ["acknowledged", "en_route"],
  acknowledged: ["en_route"],
  en_route: ["on_scene"],
  on_scene: ["transporting", "clear"],
  transporting: ["at_hospital"],
  at_hospital: ["clear"],
  clear: ["available"],
};

export const COURSE: readonly UnitState[] = [
  "assigned",
  "acknowledged",
  "en_route",
  "on_scene",
  "transporting",
  "at_hospital",
  "clear",
];

export interface Shown {
  readonly state: UnitState;
  readonly onDuty: boolean;
  /** Not the server's word yet: taps that wait were taken into account. */
  readonly ahead: boolean;
}

/** Where the unit stands for its crew: the server's word, and what was tapped since. */
export function shown(unit: UnitView, waiting: readonly Tap[]): Shown {
  let now: Shown = { state: unit.state, onDuty: unit.on_duty, ahead: false };
  for (const { unitId, deed } of waiting) {
    if (unitId !== unit.unit_id) continue;
    if (deed.kind === "report" && NEXT[now.state].includes(deed.state)) now = { ...now, state: deed.state, ahead: true };
    if (deed.kind === "duty") now = { ...now, onDuty: deed.onDuty, ahead: true };
  }
  return now;
}
