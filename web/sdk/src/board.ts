/**
 * Units, incidents and places as a console knows them: pure.
 *
 * In: deliveries about the centre's board and about one call's place. Out: the board with them taken in, and which units
 * suit an incident. Invariants: an older version never replaces a newer one; a unit that the server would refuse to send
 * (off duty, busy, of another kind, of exercises for an emergency) is never suggested.
 */
import type { Alarm, Board, IncidentView, Known, PlaceCandidate, PlacesHeard, UnitState, UnitView } from "./contract.ts";

export interface BoardState {
  readonly units: ReadonlyMap<string, UnitView>;
  /** The open ones. */
  readonly incidents: ReadonlyMap<string, IncidentView>;
  /** By call: what is known of the number and the place. */
  readonly known: ReadonlyMap<string, Known>;
  /** By call: the places that the caller's words may mean, the likeliest first. */
  readonly places: ReadonlyMap<string, readonly PlaceCandidate[]>;
  /** The newest last; supervisors alone get them. */
  readonly alarms: readonly Alarm[];
}

export const EMPTY_BOARD: BoardState = {
  units: new Map(),
  incidents: new Map(),
  known: new Map(),
  places: new Map(),
  alarms: [],
};

/** More than this many unread alarms say nothing more; the oldest go. */
const MOST_ALARMS = 20;
const EARTH_M = 6_371_000;

export function applyBoard(board: BoardState, body: Board): BoardState {
  return {
    ...board,
    units: newest(board.units, body.units, (unit) => unit.unit_id),
    incidents: newest(board.incidents, body.incidents, (incident) => incident.incident_id),
  };
}

/** A withdrawn unit leaves the board. */
export function applyUnit(board: BoardState, unit: UnitView): BoardState {
  if (unit.withdrawn) {
    const units = new Map(board.units);
    units.delete(unit.unit_id);
    return { ...board, units };
  }
  return { ...board, units: newest(board.units, [unit], () => unit.unit_id) };
}

/** A closed incident leaves the board, and its alarms with it. */
export function applyIncident(board: BoardState, incident: IncidentView): BoardState {
  const id = incident.incident_id;
  if (incident.closed_at === null) return { ...board, incidents: newest(board.incidents, [incident], () => id) };
  const incidents = new Map(board.incidents);
  incidents.delete(id);
  return { ...board, incidents, alarms: board.alarms.filter((alarm) => alarm.incident_id !== id) };
}

export function applyKnown(board: BoardState, known: Known): BoardState {
  return { ...board, known: new Map(board.known).set(known.call_id, known) };
}

export function applyPlaces(board: BoardState, { call_id, candidates }: PlacesHeard): BoardState {
  return { ...board, places: new Map(board.places).set(call_id, candidates) };
}

/** The same alarm of the same incident is shown once, with its newest time. */
export function applyAlarm(board: BoardState, alarm: Alarm): BoardState {
  return { ...board, alarms: [...withoutAlarm(board, alarm).alarms, alarm].slice(-MOST_ALARMS) };
}

export function withoutAlarm(board: BoardState, { code, incident_id }: Alarm): BoardState {
  return { ...board, alarms: board.alarms.filter((other) => other.code !== code || other.incident_id !== incident_id) };
}

/** Before a fresh snapshot's board comes: nothing of the old one may stay, and nothing about calls that are gone. */
export function clearedBoard(board: BoardState, calls: ReadonlySet<string>): BoardState {
  const open = (_: unknown, callId: string) => calls.has(callId);
  return { ...board, units: new Map(), incidents: new Map(), known: kept(board.known, open), places: kept(board.places, open) };
}

/** A closed call's number and place are forgotten. */
export function withoutCall(board: BoardState, callId: string): BoardState {
  if (!board.known.has(callId) && !board.places.has(callId)) return board;
  const others = (_: unknown, id: string) => id !== callId;
  return { ...board, known: kept(board.known, others), places: kept(board.places, others) };
}

export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

interface MaybePoint {
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export function pointOf(at: MaybePoint | null | undefined): Point | null {
  if (!at || at.latitude === null || at.longitude === null) return null;
  return { latitude: at.latitude, longitude: at.longitude };
}

/** Metres by air, along the great circle. */
export function distanceM(one: Point, other: Point): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180;
  const half =
    Math.sin(rad(other.latitude - one.latitude) / 2) ** 2 +
    Math.cos(rad(one.latitude)) * Math.cos(rad(other.latitude)) * Math.sin(rad(other.longitude - one.longitude) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(Math.min(1, half)));
}

export interface Suggested {
  readonly unit: UnitView;
  /** By air; null where one of the two positions is not known. */
  readonly metres: number | null;
}

export interface Need {
  readonly capability: string;
  readonly exercise: boolean;
  readonly at: Point | null;
}

/** The units that may be sent, in the server's own order: the nearest first, of equals who has been free longest. */
export function suggestedUnits(units: Iterable<UnitView>, need: Need): Suggested[] {
  return [...units]
    .filter((unit) => unit.on_duty && unit.state === "available" && unit.exercise === need.exercise)
    .filter((unit) => unit.capabilities.includes(need.capability))
    .map((unit) => ({ unit, metres: metresTo(unit, need.at) }))
    .sort(
      (a, b) =>
        compare(a.metres ?? Infinity, b.metres ?? Infinity) ||
        compare(Date.parse(a.unit.state_since), Date.parse(b.unit.state_since)) ||
        a.unit.unit_id.localeCompare(b.unit.unit_id),
    );
}

export function metresTo(unit: UnitView, at: Point | null): number | null {
  const from = pointOf(unit);
  return from && at ? distanceM(from, at) : null;
}

/** Who goes to an incident or is there, in the order in which they were sent. */
export function unitsOf(units: Iterable<UnitView>, incidentId: string): UnitView[] {
  return [...units].filter((unit) => unit.incident_id === incidentId).sort((a, b) => a.call_sign.localeCompare(b.call_sign));
}

const ON_THE_WAY: readonly UnitView["state"][] = ["assigned", "acknowledged", "en_route"];

/** Has not reached a patient: may be stood down or diverted. */
export function isOnTheWay(unit: UnitView): boolean {
  return unit.incident_id !== null && ON_THE_WAY.includes(unit.state);
}

/** The service that a unit is sent as; null for one that is only ever asked, such as a neighbour. */
export function serviceOf(unit: UnitView): "ambulance" | "first_aid" | null {
  return (["ambulance", "first_aid"] as const).find((service) => unit.capabilities.includes(service)) ?? null;
}

const NEXT: Record<UnitState, readonly UnitState[]> = {
  available: [],
  assigned: ["acknowledged", "en_route"],
  acknowledged: ["en_route"],
  en_route: ["on_scene"],
  on_scene: ["transporting", "clear"],
  transporting: ["at_hospital"],
  at_hospital: ["clear"],
  clear: ["available"],
};

/** What a crew may say on the radio next. */
export function nextStates(unit: UnitView): readonly UnitState[] {
  return unit.on_duty ? NEXT[unit.state] : [];
}

/** Incidents in which somebody waits and is to be called, the soonest due first. */
export function welfareDue(incidents: Iterable<IncidentView>): IncidentView[] {
  const due = [...incidents].filter((incident) => incident.welfare_due_at !== null && incident.closed_at === null);
  return due.sort((a, b) => Date.parse(a.welfare_due_at ?? "") - Date.parse(b.welfare_due_at ?? ""));
}

function newest<T extends { version: number }>(known: ReadonlyMap<string, T>, fresh: readonly T[], id: (item: T) => string): ReadonlyMap<string, T> {
  const next = new Map(known);
  for (const item of fresh) if ((next.get(id(item))?.version ?? 0) <= item.version) next.set(id(item), item);
  return next;
}

function kept<T>(map: ReadonlyMap<string, T>, keep: (value: T, callId: string) => boolean): ReadonlyMap<string, T> {
  return new Map([...map].filter(([callId, value]) => keep(value, callId)));
}

/** Infinity minus itself is not a number, and would order nothing. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
