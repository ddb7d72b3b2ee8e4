import { suggestedUnits, unitsOf, UnitStateValues, type CallView, type UnitView } from "@kiwimesh/sdk";
import { useMemo } from "react";

import { clock, useSecondsSince } from "../state/clock.ts";
import * as dispatching from "../state/dispatching.ts";
import { useConsole, useDesk, type ShownCall } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";
import { useShownIncident, type ShownIncident } from "./shown-incident.ts";
import { UnitMark } from "./unit-mark.tsx";

/** Who helps: the units that go there with their progress, or whom to send. */
export function HelpStrip({ call }: { call: ShownCall }) {
  const shown = useShownIncident();
  const units = useConsole((state) => state.board.units);
  const going = useMemo(() => (shown ? unitsOf(units.values(), shown.incidentId) : []), [units, shown]);
  if (!shown?.sendable) return null;
  return (
    <section aria-label={strings.help.label} data-testid="help" className="shrink-0 space-y-1 border-b border-line px-4 py-1.5 text-[13px]">
      {going.map((unit) => (
        <Going key={unit.unit_id} unit={unit} />
      ))}
      <Searching log={call.view} alone={going.length === 0} />
      <div className="flex flex-wrap items-center gap-1.5">
        {going.length === 0 ? <Nearest shown={shown} units={units} /> : <span className="flex-1" />}
        <Actions first={going.length === 0} log={call.view} />
      </div>
    </section>
  );
}

function Nearest({ shown, units }: { shown: ShownIncident; units: ReadonlyMap<string, UnitView> }) {
  const [first] = useMemo(() => suggestedUnits(units.values(), dispatching.needOf(shown.incident, shown.exercise)), [units, shown]);
  return (
    <span data-testid="nearest" className="min-w-0 flex-1 truncate" title={first ? undefined : strings.help.noneAbout}>
      {first ? strings.help.nearest(first.unit.call_sign, strings.units.metres(first.metres)) : strings.help.none}
    </span>
  );
}

function Actions({ first, log }: { first: boolean; log: CallView }) {
  const desk = useDesk();
  return (
    <>
      <Button size="small" look={first ? "solid" : "plain"} shortcut="P" data-testid="send" onClick={() => dispatching.sendNearest(desk)}>
        {strings.help.sendNearest}
      </Button>
      <Button size="small" shortcut="I" onClick={() => dispatching.offerInTurn(desk)}>
        {strings.help.offer}
      </Button>
      {!log.helpers && (
        <Button size="small" shortcut="L" data-testid="alert-helpers" onClick={() => dispatching.alertHelpers(desk)}>
          {strings.help.helpers}
        </Button>
      )}
      <Button size="small" look="quiet" shortcut="F" onClick={() => dispatching.openRefer(desk)}>
        {strings.help.refer}
      </Button>
    </>
  );
}

/** What is under way beside the units: offers without an answer, helpers nearby, or that nobody is left. */
function Searching({ log, alone }: { log: CallView; alone: boolean }) {
  const { helpers, offers, search } = log;
  return (
    <div role="status">
      {[...offers.values()].map((offer) => (
        <p key={offer.unit_id} className="text-soft">
          {strings.help.offered(offer.call_sign)}
        </p>
      ))}
      {alone && search?.outcome === "exhausted" && (
        <p data-testid="no-unit-left" className="flex items-center gap-1.5 font-medium text-warn">
          <Icon name="warning" />
          {strings.help.exhausted}
        </p>
      )}
      {helpers && <p className="text-soft">{strings.help.helpersAlerted(helpers.gates, helpers.defibrillators, helpers.neighbours)}</p>}
    </div>
  );
}

const PROGRESS = UnitStateValues.slice(1, 5);

function Going({ unit }: { unit: UnitView }) {
  const offset = useConsole((state) => state.clockOffset);
  const seconds = useSecondsSince(unit.state_since, offset);
  const reached = UnitStateValues.indexOf(unit.state);
  return (
    <div data-testid="going" data-state={unit.state} className="flex items-center gap-2" role="status">
      <UnitMark state={unit.state} />
      <span className="font-medium">{unit.call_sign}</span>
      <ol className="flex min-w-0 flex-1 gap-2 text-xs">
        {PROGRESS.map((state) => {
          const done = UnitStateValues.indexOf(state) <= reached;
          return (
            <li key={state} aria-current={state === unit.state ? "step" : undefined} className={cn("text-soft", done && "font-medium text-good")}>
              {done && <span aria-hidden="true">✓ </span>}
              {strings.unitState[state]}
            </li>
          );
        })}
        {reached > PROGRESS.length && <li className="font-medium text-good">{strings.unitState[unit.state]}</li>}
      </ol>
      <span aria-hidden="true" className="text-xs text-soft tabular-nums">
        {clock(seconds)}
      </span>
    </div>
  );
}
