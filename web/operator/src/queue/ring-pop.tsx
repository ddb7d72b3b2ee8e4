import { lateness, ringingNow, type CallSummary } from "@kiwimesh/sdk";
import { useMemo } from "react";

import { clock, useSecondsSince } from "../state/clock.ts";
import { useConsole, useDesk } from "../state/hooks.ts";
import { callTitle, strings } from "../strings.ts";
import { Badge, ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";
import { cn } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";

/** The most urgent call that rings at this seat. It never covers the call that is being worked on. */
export function RingPop() {
  const rings = useConsole((state) => state.rings);
  const queue = useConsole((state) => state.queue);
  const [first, ...others] = useMemo(() => ringingNow({ queue, rings }), [queue, rings]);
  if (!first) return null;
  return (
    <section aria-live="assertive" aria-label={strings.ring.incoming} className="ringing border-b-2 border-accent bg-surface">
      <div className="flex items-center gap-4 px-3 py-2.5">
        <Icon name="phone" className="size-6 shrink-0 text-accent" />
        <CategoryMark category={first.category} className="size-9" />
        <div className="min-w-0 flex-1">
          <p className="flex items-center gap-2 text-base font-semibold">
            {strings.ring.incoming}
            <span className="font-normal text-soft">{first.phone ?? strings.ring.unknown}</span>
            {first.exercise && <ExerciseBadge />}
            {first.escalation && first.escalation !== "ready_seats" && (
              <Badge tone="warn">{strings.escalation[first.escalation]}</Badge>
            )}
          </p>
          <p className="truncate text-[13px] text-soft">
            {callTitle(first)}
            {first.location && ` · ${first.location}`}
            {others.length > 0 && ` · ${strings.ring.more(others.length)}`}
          </p>
        </div>
        <RingTime call={first} />
        <AnswerButton callId={first.call_id} />
      </div>
    </section>
  );
}

export function AnswerButton({ callId }: { callId: string }) {
  const desk = useDesk();
  return (
    <Button look="solid" size="large" shortcut="A" data-testid="answer-call" onClick={() => void desk.answer(callId)}>
      <Icon name="phone" className="size-5" />
      {strings.ring.answer}
    </Button>
  );
}

function RingTime({ call }: { call: CallSummary }) {
  const offset = useConsole((state) => state.clockOffset);
  const seconds = useSecondsSince(call.started_at, offset);
  return (
    <span aria-hidden="true" className={cn("text-2xl font-semibold tabular-nums", lateness(seconds) !== "in_time" && "text-warn")}>
      {clock(seconds)}
    </span>
  );
}
