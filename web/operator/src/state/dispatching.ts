/** What keys and buttons do about units, places and helpers of the shown call. Each does nothing where it makes no sense. */
import {
  applyAlarm,
  pointOf,
  randomId,
  serviceOf,
  withoutAlarm,
  type Alarm,
  type CheckWelfare,
  type IncidentView,
  type Need,
  type ReferredTo,
  type UnitState,
  type UnitView,
} from "@kiwimesh/sdk";

import { shownNow, type Shown } from "./actions.ts";
import { strings } from "../strings.ts";
import { openedCall, type Desk } from "./desk.ts";
import { change, view } from "./view.ts";

const AMBULANCE = "ambulance";

/** What the shown call's incident needs; its position is the incident's, else the confirmed place's. */
export function needOf(incident: IncidentView | null, exercise: boolean): Need {
  return { capability: AMBULANCE, exercise, at: pointOf(incident) };
}

/** A call that has been answered, or is still to be closed: somebody has heard it. */
function working(shown: Shown | null): (Shown & { summary: NonNullable<Shown["summary"]> }) | null {
  const { summary } = shown ?? {};
  if (!shown || !summary || summary.state === "ringing" || summary.state === "closed") return null;
  return { ...shown, summary };
}

/** The server picks the nearest suitable unit at that moment, so that a unit just taken costs no second. */
export function sendNearest(desk: Desk): void {
  const shown = working(shownNow(desk));
  if (shown) void desk.act("unit.dispatch", { incident_id: shown.summary.incident_id });
}

export function sendUnit(desk: Desk, unit: UnitView): void {
  const shown = working(shownNow(desk));
  const service = serviceOf(unit);
  if (!shown || !service) return;
  void desk.act("unit.dispatch", { incident_id: shown.summary.incident_id, unit_ids: [unit.unit_id], service_type: service });
}

export interface KeyedIn {
  readonly origin: "radio" | "walk_in" | "paper";
  readonly nature: string;
  readonly category: number | null;
  /** When it was taken on paper. */
  readonly happenedAt: Date | null;
}

/** An incident without a call here. */
export function keyIn(desk: Desk, { origin, nature, category, happenedAt }: KeyedIn): void {
  const happened_at = happenedAt?.toISOString() ?? null;
  void desk.act("incident.open", { incident_id: `inc-${randomId()}`, origin, nature, category, happened_at });
}

/** What its crew said on the radio. */
export function reportUnit(desk: Desk, unitId: string, state: UnitState): void {
  void desk.act("unit.report", { unit_id: unitId, state });
}

export function offerInTurn(desk: Desk): void {
  const shown = working(shownNow(desk));
  if (shown) void desk.act("unit.offer", { incident_id: shown.summary.incident_id });
}

/** Once a call: neighbours who are alerted twice may think that it is over. */
export function alertHelpers(desk: Desk): void {
  const shown = working(shownNow(desk));
  if (!shown || openedCall(desk.console.get(), shown.callId).view.helpers) return;
  void desk.act("helpers.alert", { call_id: shown.callId });
}

export function confirmLikeliest(desk: Desk): void {
  const shown = working(shownNow(desk));
  const likeliest = shown && desk.console.get().board.places.get(shown.callId)?.[0];
  if (likeliest && !openedCall(desk.console.get(), shown.callId).view.place) confirmPlace(desk, likeliest.place.place_id);
}

export function confirmPlace(desk: Desk, placeId: string): void {
  const shown = working(shownNow(desk));
  if (shown) void desk.act("place.confirm", { call_id: shown.callId, place_id: placeId });
}

export function openRefer(desk: Desk): void {
  if (working(shownNow(desk))) change({ window: "refer" });
}

export function refer(desk: Desk, to: ReferredTo, reference: string, reason: string): void {
  const shown = working(shownNow(desk));
  if (shown) void desk.act("referral.make", { call_id: shown.callId, to, reference, reason });
}

export function openStandDown(unitId: string): void {
  change({ window: "stand_down", unitId });
}

export function openDivert(unitId: string): void {
  change({ window: "divert", unitId });
}

/** The unit of the open window, with the reason that was entered there. */
export function standDown(desk: Desk, reason: string): void {
  const { unitId } = view.get();
  if (unitId) void desk.act("unit.stand_down", { unit_id: unitId, reason });
}

export function divert(desk: Desk, reason: string): void {
  const { unitId } = view.get();
  const shown = working(shownNow(desk));
  if (unitId && shown) void desk.act("unit.divert", { unit_id: unitId, incident_id: shown.summary.incident_id, reason });
}

export function checkWelfare(desk: Desk, incidentId: string, outcome: CheckWelfare["outcome"]): void {
  void desk.act("incident.welfare", { incident_id: incidentId, outcome });
}

export function showIncident(desk: Desk, incidentId: string): void {
  const call = [...desk.console.get().queue.values()].find((candidate) => candidate.incident_id === incidentId);
  if (call) desk.show(call.call_id);
}

export function dismissAlarm(desk: Desk, alarm: Alarm): void {
  desk.setBoard((board) => withoutAlarm(board, alarm));
  desk.undo.done(strings.undo.dismissed, () => desk.setBoard((board) => applyAlarm(board, alarm)));
}
