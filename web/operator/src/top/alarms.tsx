import type { Alarm } from "@kiwimesh/sdk";

import { timeOfDay } from "../state/clock.ts";
import * as dispatching from "../state/dispatching.ts";
import { useConsole, useDesk } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";

/** What a supervisor must see at once; it stays until it is read or the incident is over. */
export function Alarms() {
  const alarms = useConsole((state) => state.board.alarms);
  if (alarms.length === 0) return null;
  return (
    <div role="alert" data-testid="alarms" className="border-b-2 border-warn-line bg-warn-tint text-[13px]">
      <ul>
        {alarms.map((alarm) => (
          <OneAlarm key={`${alarm.code}:${alarm.incident_id}`} alarm={alarm} />
        ))}
      </ul>
    </div>
  );
}

function OneAlarm({ alarm }: { alarm: Alarm }) {
  const desk = useDesk();
  const incident = useConsole((state) => state.board.incidents.get(alarm.incident_id) ?? null);
  return (
    <li data-code={alarm.code} className="flex items-center gap-2 px-3 py-1">
      <Icon name="warning" className="size-4 shrink-0 text-warn" />
      {incident?.exercise && <ExerciseBadge />}
      <span className="min-w-0 flex-1 truncate font-medium">
        {strings.alarm[alarm.code]}: {incident?.nature} {incident?.place || strings.alarm.unknownPlace} · {timeOfDay(alarm.at)}
      </span>
      <Button size="small" onClick={() => dispatching.showIncident(desk, alarm.incident_id)}>
        {strings.alarm.show}
      </Button>
      <Button size="small" look="quiet" onClick={() => dispatching.dismissAlarm(desk, alarm)}>
        {strings.dismiss}
      </Button>
    </li>
  );
}
