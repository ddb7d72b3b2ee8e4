import type { Timer } from "@kiwimesh/sdk";

import { clock, useSecondsSince } from "../state/clock.ts";
import { openedCall } from "../state/desk.ts";
import { useConsole } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";
import { Section } from "./section.tsx";

/** The goals of the call's clock: reached and when, or how long there is. */
export function Timers({ timers, callId }: { timers: readonly Timer[]; callId: string }) {
  const answeredAt = useConsole((state) => answered(openedCall(state, callId).view));
  const offset = useConsole((state) => state.clockOffset);
  const running = useSecondsSince(answeredAt, offset);
  if (timers.length === 0) return null;
  return (
    <Section title={strings.card.timers}>
      <ul className="grid grid-cols-2 gap-1.5">
        {timers.map((timer) => (
          <OneTimer key={timer.code} timer={timer} now={answeredAt === null ? null : running} />
        ))}
      </ul>
    </Section>
  );
}

function OneTimer({ timer, now }: { timer: Timer; now: number | null }) {
  const reached = timer.reached_s !== null;
  const seconds = timer.reached_s ?? now ?? 0;
  const late = seconds > timer.goal_s;
  return (
    <li
      title={`${timer.label}: ${timer.source}`}
      className={cn(
        "flex items-baseline justify-between gap-2 rounded-md border border-line px-2 py-0.5",
        reached && "bg-good-tint",
        late && "border-warn-line bg-warn-tint",
      )}
    >
      <span className="truncate text-xs text-soft">{timer.label}</span>
      <span className={cn("text-[13px] font-semibold whitespace-nowrap tabular-nums", reached && !late && "text-good", late && "text-warn")}>
        {reached && "✓ "}
        {now === null && !reached ? "–" : clock(seconds)} <span className="text-xs font-normal text-soft">/ {clock(timer.goal_s)}</span>
      </span>
    </li>
  );
}

/** The moment of the answer; null before it, and when the call is over and nothing runs any more. */
function answered(view: { startedAt: string | null; answeredAtS: number | null; ended: unknown }): string | null {
  if (view.startedAt === null || view.answeredAtS === null || view.ended !== null) return null;
  return new Date(Date.parse(view.startedAt) + view.answeredAtS * 1000).toISOString();
}
