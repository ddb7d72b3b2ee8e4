import { EVERYTHING, inOrder, passes, sectionOf, type CallSummary, type Section } from "@kiwimesh/sdk";
import { useMemo, type KeyboardEvent } from "react";

import { useSecondsSince } from "../state/clock.ts";
import { useConsole, useDesk, useStore } from "../state/hooks.ts";
import { view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { QueueFilterBar } from "./queue-filter.tsx";
import { QueueRow } from "./queue-row.tsx";

const SECTIONS: readonly Section[] = ["waiting", "active", "call_back", "to_close"];

/** All open calls of the centre: those that wait first, then by category, then by who has waited longest. */
export function Queue() {
  const desk = useDesk();
  const queue = useConsole((state) => state.queue);
  const offset = useConsole((state) => state.clockOffset);
  const shown = useStore(desk.shown);
  const { filter } = useStore(view);
  const late = useSecondsSince(filter.late ? EPOCH : null, offset);
  const calls = useMemo(
    () => (filter === EVERYTHING ? [...queue.values()] : [...queue.values()].filter((call) => passes(call, filter, serverNow(late, offset)))),
    [queue, filter, late, offset],
  );
  const sections = useMemo(() => bySection(inOrder(calls)), [calls]);
  const waiting = sections.get("waiting")?.length ?? 0;

  return (
    <nav aria-label={strings.queue.title} className="flex min-h-0 flex-1 flex-col bg-surface">
      <div className="flex h-10 shrink-0 items-baseline justify-between border-b border-line px-3 pt-2.5">
        <h2 className="text-[13px] font-semibold">{strings.queue.title}</h2>
        <span className="text-xs text-soft" role="status">
          {strings.queue.count(waiting, queue.size)}
        </span>
      </div>
      {desk.supervisor && <QueueFilterBar calls={queue.values()} />}
      <div id="queue" onKeyDown={moveFocus} className="min-h-0 flex-1 overflow-y-auto pb-4">
        {queue.size === 0 && <NoCalls />}
        {queue.size > 0 && calls.length === 0 && <p className="px-4 py-10 text-center text-soft">{strings.filter.none}</p>}
        {SECTIONS.map((section) => {
          const calls = sections.get(section) ?? [];
          if (calls.length === 0) return null;
          return (
            <section key={section} aria-label={strings.queue[section]}>
              <h3 className="sticky top-0 z-10 border-b border-line bg-raised px-3 py-1 text-[11px] font-semibold tracking-wide text-soft uppercase">
                {strings.queue[section]} <span className="font-normal">{calls.length}</span>
              </h3>
              <ul>
                {calls.map((call) => (
                  <QueueRow key={call.call_id} call={call} shown={call.call_id === shown} offset={offset} />
                ))}
              </ul>
            </section>
          );
        })}
      </div>
    </nav>
  );
}

function NoCalls() {
  const ready = useConsole((state) => state.seat?.state === "ready");
  return (
    <div className="px-4 py-10 text-center">
      <p className="font-medium">{strings.queue.empty}</p>
      <p className="mt-1 text-[13px] text-soft">{ready ? strings.queue.emptyAbout : strings.queue.notReady}</p>
    </div>
  );
}

const EPOCH = "1970-01-01T00:00:00Z";

/** Milliseconds of the server's clock: ticking while it matters who waits too long. */
function serverNow(sinceEpochS: number, offset: number): number {
  return sinceEpochS > 0 ? sinceEpochS * 1000 : Date.now() + offset;
}

function bySection(calls: readonly CallSummary[]): Map<Section, CallSummary[]> {
  return Map.groupBy(calls, sectionOf);
}

/** Arrow keys walk through the queue. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-testid=queue-row]")];
  const next = rows[rows.indexOf(document.activeElement as HTMLElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
