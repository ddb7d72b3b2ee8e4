import { ANSWER_GOALS_S, lateness, whyCallBack, type CallSummary } from "@kiwimesh/sdk";
import { memo } from "react";

import { clock, useSecondsSince } from "../state/clock.ts";
import { useDesk } from "../state/hooks.ts";
import { callTitle, strings } from "../strings.ts";
import { Badge, ExerciseBadge } from "../ui/badge.tsx";
import { CategoryMark, categoryColour } from "../ui/category.tsx";
import { cn } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";

interface QueueRowProps {
  readonly call: CallSummary;
  readonly shown: boolean;
  readonly offset: number;
}

export const QueueRow = memo(function QueueRow({ call, shown, offset }: QueueRowProps) {
  const desk = useDesk();
  const ringing = call.state === "ringing";
  return (
    <li className="queue-row border-b border-line">
      <button
        type="button"
        data-testid="queue-row"
        data-call-id={call.call_id}
        data-category={call.category ?? "unassessed"}
        aria-current={shown}
        onClick={() => desk.show(call.call_id)}
        className={cn(
          "flex w-full items-start gap-2.5 border-l-[3px] border-transparent py-2 pr-3 pl-2 text-left -outline-offset-2 hover:bg-raised",
          shown && "bg-accent-tint hover:bg-accent-tint",
        )}
        style={shown || ringing ? { borderLeftColor: categoryColour(call.category) } : undefined}
      >
        <CategoryMark category={call.category} className="mt-0.5 size-8" />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className={cn("line-clamp-2 min-w-0 flex-1 leading-snug font-medium", !call.headline && "text-soft")}>{callTitle(call)}</span>
            <Waiting call={call} offset={offset} />
          </span>
          <span className="block truncate text-[13px] text-soft">{call.location || strings.queue.noLocation}</span>
          <Tags call={call} />
        </span>
      </button>
    </li>
  );
});

/** How long the caller has been waiting, against the goals; for an answered call, how long it has been running. */
function Waiting({ call, offset }: { call: CallSummary; offset: number }) {
  const ringing = call.state === "ringing";
  const over = call.state === "ended";
  const seconds = useSecondsSince(over ? null : ringing ? call.started_at : (call.answered_at ?? call.started_at), offset);
  if (over) return null;
  const late = ringing ? lateness(seconds) : "in_time";
  return (
    <span
      title={ringing ? strings.queue.goal(late === "in_time" ? ANSWER_GOALS_S[0] : ANSWER_GOALS_S[1]) : undefined}
      className={cn(
        "rounded px-1 text-[13px] tabular-nums",
        ringing ? "font-semibold" : "text-soft",
        late === "late" && "text-warn",
        late === "very_late" && "bg-warn-tint text-warn ring-1 ring-warn-line",
      )}
    >
      {late !== "in_time" && <span aria-hidden="true">{late === "late" ? "› " : "» "}</span>}
      {clock(seconds)}
    </span>
  );
}

function Tags({ call }: { call: CallSummary }) {
  const why = whyCallBack(call);
  return (
    <span className="mt-1 flex flex-wrap items-center gap-1">
      {call.exercise && <ExerciseBadge />}
      {call.state === "ringing" && call.escalation && call.escalation !== "ready_seats" && (
        <Badge tone="warn">{strings.escalation[call.escalation]}</Badge>
      )}
      {call.state === "interrupted" && (
        <Badge tone="warn">
          <Icon name="broken" className="size-3" />
          {strings.callState.interrupted}
        </Badge>
      )}
      {why && <Badge tone="warn">{strings.queue[why]}</Badge>}
      {why && call.call_back_possible && <Badge tone="good">{strings.queue.reachable}</Badge>}
      {call.transfer && <Badge tone="accent">{strings.queue.handedOver}</Badge>}
      {call.colleague && <Badge>{strings.queue.answeredBy(call.colleague.display_name)}</Badge>}
      {call.state === "on_hold" && <Badge>{strings.callState.on_hold}</Badge>}
      {call.answered_by && <Badge>{strings.queue.answeredBy(call.answered_by)}</Badge>}
      {call.transcript !== "live" && call.state !== "ended" && <Badge tone="warn">{strings.transcript.degraded}</Badge>}
    </span>
  );
}
