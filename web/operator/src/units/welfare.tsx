import { welfareDue, type CheckWelfare, type IncidentView } from "@kiwimesh/sdk";
import { useMemo } from "react";

import { clock, useSecondsSince, useSecondsUntil } from "../state/clock.ts";
import * as dispatching from "../state/dispatching.ts";
import { useConsole, useDesk } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";

const OUTCOMES = Object.keys(strings.welfare.outcome) as CheckWelfare["outcome"][];

/** Who waits without a unit and is to be called back, the soonest due first. Not there when nobody waits. */
export function Welfare() {
  const incidents = useConsole((state) => state.board.incidents);
  const due = useMemo(() => welfareDue(incidents.values()), [incidents]);
  if (due.length === 0) return null;
  return (
    <section aria-label={strings.welfare.title} data-testid="welfare" className="max-h-[22vh] shrink-0 overflow-y-auto border-t border-line-strong bg-surface">
      <h2 className="sticky top-0 bg-raised px-3 py-1 text-[11px] font-semibold tracking-wide text-soft uppercase">{strings.welfare.title}</h2>
      <ul>
        {due.map((incident) => (
          <Waiting key={incident.incident_id} incident={incident} />
        ))}
      </ul>
    </section>
  );
}

function Waiting({ incident }: { incident: IncidentView }) {
  const desk = useDesk();
  const place = incident.place || incident.nature || strings.welfare.unnamed;
  return (
    <li data-testid="welfare-due" className="border-b border-line px-3 py-1.5 text-[13px]">
      <button type="button" onClick={() => dispatching.showIncident(desk, incident.incident_id)} className="flex w-full items-center gap-2 text-left">
        <CategoryMark category={incident.category} className="size-5" />
        <span className="min-w-0 flex-1 truncate font-medium">{place}</span>
        {incident.exercise && <ExerciseBadge />}
        <Due at={incident.welfare_due_at} />
      </button>
      <div className="mt-1 flex flex-wrap gap-1">
        {OUTCOMES.map((outcome) => (
          <Button
            key={outcome}
            size="small"
            className="h-6 px-1.5"
            aria-label={strings.welfare.outcomeOf(strings.welfare.outcome[outcome], place)}
            onClick={() => dispatching.checkWelfare(desk, incident.incident_id, outcome)}
          >
            {strings.welfare.outcome[outcome]}
          </Button>
        ))}
      </div>
    </li>
  );
}

function Due({ at }: { at: string | null }) {
  const offset = useConsole((state) => state.clockOffset);
  const late = useSecondsSince(at, offset);
  const left = useSecondsUntil(at, offset);
  if (late > 0) return <span className="text-xs font-semibold whitespace-nowrap text-warn tabular-nums">{strings.welfare.overdue(clock(late))}</span>;
  return <span className="text-xs whitespace-nowrap text-soft tabular-nums">{strings.welfare.due(clock(left))}</span>;
}
