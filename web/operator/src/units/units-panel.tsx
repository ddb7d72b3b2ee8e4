import { isOnTheWay, metresTo, nextStates, pointOf, serviceOf, type Point, type UnitView } from "@kiwimesh/sdk";
import { memo, useMemo } from "react";

import { clock, timeOfDay, useSecondsSince } from "../state/clock.ts";
import * as dispatching from "../state/dispatching.ts";
import { useConsole, useDesk } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Badge, ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { UnitMark } from "./unit-mark.tsx";
import { useShownIncident, type ShownIncident } from "./shown-incident.ts";

/** The centre's units: those of the shown call first, then the free ones, the nearest first, then the busy and the absent. */
export function UnitsPanel() {
  const units = useConsole((state) => state.board.units);
  const shown = useShownIncident();
  const at = useMemo(() => pointOf(shown?.incident), [shown?.incident]);
  const listed = useMemo(() => inOrder([...units.values()], shown, at), [units, shown, at]);
  const onDuty = listed.filter((unit) => unit.on_duty);
  const free = onDuty.filter((unit) => unit.state === "available").length;
  return (
    <section aria-label={strings.units.title} className="flex max-h-[45vh] min-h-0 shrink-0 flex-col border-t border-line-strong bg-surface">
      <div className="flex h-9 shrink-0 items-baseline justify-between border-b border-line px-3 pt-2">
        <h2 className="text-[13px] font-semibold">{strings.units.title}</h2>
        <span className="text-xs text-soft">{strings.units.free(free, onDuty.length)}</span>
      </div>
      {listed.length === 0 && <p className="px-3 py-4 text-center text-[13px] text-soft">{strings.units.empty}</p>}
      <ul id="units" tabIndex={-1} className="min-h-0 overflow-y-auto">
        {listed.map((unit) => (
          <UnitRow key={unit.unit_id} unit={unit} at={at} shown={shown} />
        ))}
      </ul>
    </section>
  );
}

interface UnitRowProps {
  readonly unit: UnitView;
  readonly at: Point | null;
  readonly shown: ShownIncident | null;
}

const UnitRow = memo(function UnitRow({ unit, at, shown }: UnitRowProps) {
  const here = shown !== null && unit.incident_id === shown.incidentId;
  return (
    <li
      data-testid="unit"
      data-unit-id={unit.unit_id}
      data-state={unit.on_duty ? unit.state : "off_duty"}
      className={`border-b border-line px-3 py-1.5 text-[13px] ${here ? "bg-accent-tint" : ""}`}
    >
      <div className="flex items-center gap-2">
        <UnitMark state={unit.state} />
        <span className="min-w-0 flex-1 truncate font-medium">{unit.call_sign}</span>
        {unit.exercise && <ExerciseBadge />}
        {unit.incident_id !== null && !unit.urgent && <Badge>{strings.units.quiet}</Badge>}
        <span className="text-xs whitespace-nowrap text-soft">{unit.on_duty ? strings.unitState[unit.state] : strings.units.offDuty}</span>
        <Since unit={unit} />
      </div>
      <div className="flex min-h-6 items-center gap-2 pl-6 text-xs text-soft">
        <span className="min-w-0 flex-1 truncate">
          <Whither unit={unit} here={here} />
          {shown && !here && at && strings.units.metres(metresTo(unit, at))}
        </span>
        {shown && <UnitAction unit={unit} shown={shown} here={here} />}
      </div>
      {(here || unit.state === "clear") && <Radio unit={unit} />}
    </li>
  );
});

function Since({ unit }: { unit: UnitView }) {
  const offset = useConsole((state) => state.clockOffset);
  const seconds = useSecondsSince(unit.state_since, offset);
  return (
    <time dateTime={unit.state_since} title={strings.units.since(timeOfDay(unit.state_since))} className="text-xs text-soft tabular-nums">
      {clock(seconds)}
    </time>
  );
}

/** Where a busy unit goes. */
function Whither({ unit, here }: { unit: UnitView; here: boolean }) {
  const place = useConsole((state) => (unit.incident_id !== null && state.board.incidents.get(unit.incident_id)?.place) || "");
  return !here && place ? <span className="mr-1.5">→ {place}</span> : null;
}

/** What the crew says on the radio, where it does not say it by itself. */
function Radio({ unit }: { unit: UnitView }) {
  const desk = useDesk();
  const next = nextStates(unit);
  if (next.length === 0) return null;
  return (
    <div role="group" aria-label={strings.units.radio(unit.call_sign)} className="flex flex-wrap items-center gap-1 pl-6">
      {next.map((state) => (
        <Button
          key={state}
          size="small"
          className="h-6"
          aria-label={strings.units.radioOf(strings.unitState[state], unit.call_sign)}
          data-testid={`radio-${state}`}
          onClick={() => dispatching.reportUnit(desk, unit.unit_id, state)}
        >
          <UnitMark state={state} className="size-3" />
          {strings.unitState[state]}
        </Button>
      ))}
    </div>
  );
}

function UnitAction({ unit, shown, here }: { unit: UnitView; shown: ShownIncident; here: boolean }) {
  const desk = useDesk();
  if (!shown.sendable || unit.exercise !== shown.exercise) return null;
  const service = serviceOf(unit);
  if (unit.on_duty && unit.state === "available" && service) {
    return (
      <Button size="small" className="h-6" aria-label={strings.units.sendTo(unit.call_sign)} onClick={() => dispatching.sendUnit(desk, unit)}>
        {strings.units.send}
      </Button>
    );
  }
  if (!isOnTheWay(unit) || (!here && service !== "ambulance")) return null;
  const [name, label, open] = here
    ? [strings.units.standDown, strings.units.standDownOf, dispatching.openStandDown]
    : [strings.units.divert, strings.units.divertOf, dispatching.openDivert];
  return (
    <Button size="small" look="quiet" className="h-6" aria-label={label(unit.call_sign)} onClick={() => open(unit.unit_id)}>
      {name}
    </Button>
  );
}

function inOrder(units: UnitView[], shown: ShownIncident | null, at: Point | null): UnitView[] {
  const group = (unit: UnitView) => {
    if (shown && unit.incident_id === shown.incidentId) return 0;
    if (!unit.on_duty) return 3;
    return unit.state === "available" ? 1 : 2;
  };
  const far = new Map(units.map((unit) => [unit.unit_id, metresTo(unit, at) ?? Number.MAX_VALUE]));
  const metres = (unit: UnitView) => far.get(unit.unit_id) ?? Number.MAX_VALUE;
  return units.sort((a, b) => group(a) - group(b) || metres(a) - metres(b) || a.call_sign.localeCompare(b.call_sign));
}
