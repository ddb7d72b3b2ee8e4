import { useMemo } from "react";

import { openCards } from "../state/cards.ts";
import { timeOfDay } from "../state/clock.ts";
import { recall } from "../state/last-known.ts";
import { strings } from "../strings.ts";
import { ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";

/** What this page last saw of the queue and the units, while the server is away. Nothing here can be acted on. */
export function LastKnownPanel() {
  const known = useMemo(() => recall(localStorage, Date.now()), []);
  if (!known) return null;
  return (
    <section aria-labelledby="last-known" data-testid="last-known" className="mx-auto mt-6 w-full max-w-4xl rounded-xl border border-warn-line bg-surface p-5 shadow-card">
      <h2 id="last-known" className="text-base font-semibold">
        {strings.lastKnown.title(timeOfDay(known.at))}
      </h2>
      <p className="mt-0.5 text-[13px] text-soft">{strings.lastKnown.about}</p>
      <table className="mt-3 w-full text-left text-[13px]">
        <caption className="sr-only">{strings.queue.title}</caption>
        <thead className="text-xs text-soft">
          <tr>
            {strings.lastKnown.columns.map((column) => (
              <th key={column} scope="col" className="border-b border-line py-1 pr-3 font-medium">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {known.calls.map((call) => (
            <tr key={call.id} className="border-b border-line align-top">
              <td className="py-1.5 pr-3">
                <CategoryMark category={call.category} className="size-6" />
              </td>
              <td className="py-1.5 pr-3 font-medium">
                {call.headline || strings.queue.newCall} {call.exercise && <ExerciseBadge />}
              </td>
              <td className="py-1.5 pr-3">{call.place || strings.queue.noLocation}</td>
              <td className="py-1.5 pr-3 tabular-nums">{call.phone ?? strings.ring.unknown}</td>
              <td className="py-1.5 pr-3">{strings.callState[call.state]}</td>
              <td className="py-1.5 tabular-nums">{timeOfDay(call.startedAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="mt-4 flex flex-wrap gap-x-6 gap-y-1 text-[13px]">
        {known.units.map((unit) => (
          <li key={unit.id}>
            <span className="font-medium">{unit.name}</span> {unit.exercise && <ExerciseBadge />} {strings.unitState[unit.state]}
            {unit.place && ` · ${unit.place}`}
          </li>
        ))}
      </ul>
      <p className="mt-4 text-[13px]">
        {strings.lastKnown.paper}{" "}
        <Button size="small" onClick={() => void openCards()}>
          {strings.lastKnown.cards}
        </Button>
      </p>
    </section>
  );
}
