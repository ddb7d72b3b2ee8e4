import { describe, expect, it } from "vitest";

import {
  applyAlarm,
  applyIncident,
  applyUnit,
  distanceM,
  EMPTY_BOARD,
  isOnTheWay,
  nextStates,
  serviceOf,
  suggestedUnits,
  unitsOf,
  welfareDue,
  withoutAlarm,
} from "../src/board.ts";
import { EMPTY_CALL, foldCall } from "../src/call.ts";
import { applyDelivery, EMPTY_CONSOLE, type DeliveryBody } from "../src/console.ts";
import type { Alarm, IncidentView, UnitView } from "../src/contract.ts";
import { CALL_ID, demoSnapshot, LogWriter, summary } from "./demo-call.ts";

const NOW = Date.parse("2030-01-01T12:00:00Z");
const at = (second: number) => new Date(NOW + second * 1000).toISOString();
const HERE = { latitude: -41.2896, longitude: 174.82 };

function unit(id: string, part: Partial<UnitView> = {}): UnitView {
  return {
    unit_id: id,
    call_sign: id,
    capabilities: ["ambulance"],
    on_duty: true,
    state: "available",
    state_since: at(0),
    urgent: true,
    incident_id: null,
    booking_id: null,
    latitude: null,
    longitude: null,
    position_at: null,
    exercise: false,
    withdrawn: false,
    version: 1,
    ...part,
  };
}

function incident(id: string, part: Partial<IncidentView> = {}): IncidentView {
  return {
    incident_id: id,
    origin: "call",
    category: 2,
    nature: "",
    place_id: null,
    place: "",
    latitude: null,
    longitude: null,
    opened_at: at(0),
    closed_at: null,
    merged_into: null,
    owner_person_id: null,
    welfare_due_at: null,
    exercise: false,
    version: 1,
    ...part,
  };
}

function after(...bodies: DeliveryBody[]) {
  return bodies.reduce((state, body) => applyDelivery(state, body, NOW), EMPTY_CONSOLE).board;
}

const KNOWN: DeliveryBody = { kind: "known", call_id: CALL_ID, resident: null, place: null, notes: [], earlier: [] };

describe("the units that are suggested", () => {
  const need = { capability: "ambulance", exercise: false, at: HERE };

  it("come nearest first, with the one whose position nobody knows last and not lost", () => {
    const near = unit("near", { latitude: -41.29, longitude: 174.821 });
    const far = unit("far", { latitude: -41.302, longitude: 174.83 });
    const found = suggestedUnits([unit("nowhere"), far, near], need);
    expect(found.map((one) => one.unit.unit_id)).toEqual(["near", "far", "nowhere"]);
    expect(found[0]?.metres).toBeLessThan(150);
    expect(found[2]?.metres).toBeNull();
  });

  it("leave out whoever the server would refuse to send", () => {
    const refused = [
      unit("off", { on_duty: false }),
      unit("busy", { state: "en_route" }),
      unit("other", { capabilities: ["first_aid"] }),
      unit("practice", { exercise: true }),
    ];
    expect(suggestedUnits(refused, need)).toEqual([]);
    expect(suggestedUnits(refused, { ...need, exercise: true }).map((one) => one.unit.unit_id)).toEqual(["practice"]);
  });

  it("among those whose distance is unknown, the one that has been free longest", () => {
    const found = suggestedUnits([unit("late", { state_since: at(9) }), unit("early", { state_since: at(1) })], { ...need, at: null });
    expect(found.map((one) => one.unit.unit_id)).toEqual(["early", "late"]);
  });

  it("are sent as what they are: a neighbour is asked and never sent", () => {
    expect(serviceOf(unit("a", { capabilities: ["first_aid", "ambulance"] }))).toBe("ambulance");
    expect(serviceOf(unit("b", { capabilities: ["first_aid", "basic_life_support"] }))).toBe("first_aid");
    expect(serviceOf(unit("c", { capabilities: ["neighbour", "basic_life_support"] }))).toBeNull();
  });

  it("may be taken off their incident until they are at the patient", () => {
    expect(isOnTheWay(unit("a", { incident_id: "i1", state: "en_route" }))).toBe(true);
    expect(isOnTheWay(unit("a", { incident_id: "i1", state: "on_scene" }))).toBe(false);
    expect(nextStates(unit("a", { incident_id: "i1", state: "on_scene" }))).toEqual(["transporting", "clear"]);
    expect(nextStates(unit("a"))).toEqual([]);
  });

  it("measures a degree of latitude as 111 km", () => {
    expect(distanceM({ latitude: 0, longitude: 0 }, { latitude: 1, longitude: 0 })).toBeCloseTo(111_195, -1);
  });
});

describe("the board", () => {
  it("follows a unit to an incident, and never back to an older version", () => {
    const moved = applyUnit(EMPTY_BOARD, unit("one", { incident_id: "i1", state: "assigned", version: 3 }));
    expect(unitsOf(applyUnit(moved, unit("one", { version: 2 })).units.values(), "i1")).toHaveLength(1);
    expect(unitsOf(applyUnit(moved, unit("one", { version: 4 })).units.values(), "i1")).toHaveLength(0);
  });

  it("loses a unit that is withdrawn, and has it again when it is reinstated", () => {
    const gone = applyUnit(applyUnit(EMPTY_BOARD, unit("one")), unit("one", { withdrawn: true, version: 2 }));
    expect(gone.units.size).toBe(0);
    expect(applyUnit(gone, unit("one", { version: 3 })).units.size).toBe(1);
  });

  it("begins anew with a snapshot, so that a unit that is gone does not stay", () => {
    const old: DeliveryBody = { kind: "board", units: [unit("gone")], incidents: [] };
    const fresh: DeliveryBody = { kind: "board", units: [unit("here")], incidents: [] };
    expect([...after(old, demoSnapshot(NOW, []), fresh).units.keys()]).toEqual(["here"]);
  });

  it("forgets what is known of a number when its call is closed", () => {
    const open = summary(CALL_ID, { started_at: at(0) });
    expect(after({ kind: "queue", call: open }, KNOWN).known.size).toBe(1);
    expect(after({ kind: "queue", call: open }, KNOWN, { kind: "queue", call: { ...open, state: "closed" } }).known.size).toBe(0);
    expect(after({ kind: "queue", call: open }, KNOWN, demoSnapshot(NOW, [])).known.size).toBe(0);
  });

  it("lists who waits for a call-back, the soonest due first", () => {
    const waiting = [incident("later", { welfare_due_at: at(60) }), incident("sooner", { welfare_due_at: at(5) }), incident("none")];
    expect(welfareDue(waiting).map((one) => one.incident_id)).toEqual(["sooner", "later"]);
  });

  it("shows one alarm of an incident once, until it is read or the incident is closed", () => {
    const alarm: Alarm = { kind: "alarm", code: "no_unit_left", incident_id: "i1", at: at(1) };
    const twice = applyAlarm(applyAlarm(EMPTY_BOARD, alarm), { ...alarm, at: at(2) });
    expect(twice.alarms).toEqual([{ ...alarm, at: at(2) }]);
    expect(withoutAlarm(twice, alarm).alarms).toEqual([]);
    expect(applyIncident(twice, incident("i1", { closed_at: at(9) })).alarms).toEqual([]);
  });
});

describe("a call's log about help", () => {
  it("tells which units are being asked, and that none is left", () => {
    const log = new LogWriter(NOW);
    const offered = { kind: "unit.offered", unit_id: "one", call_sign: "One", radius_m: null } as const;
    const asked = foldCall([log.line(1, "system", { ...offered, outcome: "pending" })], EMPTY_CALL);
    expect([...asked.offers.keys()]).toEqual(["one"]);
    const ended = foldCall(
      [
        log.line(2, "system", { ...offered, outcome: "declined" }),
        log.line(3, "system", { kind: "unit.search_ended", outcome: "exhausted", found: 0, wanted: 1 }),
      ],
      asked,
    );
    expect(ended.offers.size).toBe(0);
    expect(ended.search?.outcome).toBe("exhausted");
  });
});
