import type { CallSummary, LikelyDuplicate } from "@kiwimesh/sdk";

import * as actions from "../state/actions.ts";
import { useConsole, useDesk, type ShownCall } from "../state/hooks.ts";
import { callTitle, strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";

/** Other calls about the same incident: proposed by the server, merged and parted by a person. */
export function SameIncident({ call: { callId, summary, view } }: { call: ShownCall }) {
  const queue = useConsole((state) => state.queue);
  if (!summary) return null;
  const [likeliest] = summary.duplicates;
  const together = [...queue.values()].filter((other) => other.incident_id === summary.incident_id && other.call_id !== callId);
  if (!likeliest && together.length === 0) return null;
  return (
    <div role="status" data-testid="same-incident" className="shrink-0 border-b border-line bg-raised px-4 py-1.5 text-[13px]">
      {together.length > 0 && <Together others={together} undoable={view.merges.length > 0} />}
      {likeliest && <Proposal likely={likeliest} other={queue.get(likeliest.call_id) ?? null} />}
    </div>
  );
}

function Proposal({ likely, other }: { likely: LikelyDuplicate; other: CallSummary | null }) {
  const desk = useDesk();
  return (
    <p className="flex items-center gap-2 py-0.5">
      <Icon name="link" className="size-4 shrink-0 text-soft" />
      <span className="min-w-0 flex-1 truncate" title={likely.reasons.join(", ")}>
        {strings.incident.maybe} <Named call={other} /> · {Math.round(likely.likelihood * 100)} % · {likely.reasons.join(", ")}
      </span>
      <Button size="small" look="quiet" onClick={() => desk.show(likely.call_id)}>
        {strings.incident.show}
      </Button>
      <Button size="small" shortcut="D" onClick={() => actions.mergeLikeliest(desk)} data-testid="merge">
        {strings.incident.merge}
      </Button>
    </p>
  );
}

function Together({ others, undoable }: { others: readonly CallSummary[]; undoable: boolean }) {
  const desk = useDesk();
  return (
    <p className="flex items-center gap-2 py-0.5" data-testid="merged">
      <Icon name="link" className="size-4 shrink-0 text-good" />
      <span className="min-w-0 flex-1 truncate">
        {strings.incident.together}{" "}
        {others.map((other) => (
          <button key={other.call_id} type="button" onClick={() => desk.show(other.call_id)} className="mr-2 underline">
            <Named call={other} />
          </button>
        ))}
      </span>
      {undoable && (
        <Button size="small" look="quiet" shortcut="U" onClick={() => actions.undoMerge(desk)} data-testid="unmerge">
          {strings.incident.undo}
        </Button>
      )}
    </p>
  );
}

function Named({ call }: { call: CallSummary | null }) {
  if (!call) return strings.incident.otherCall;
  return `${call.exercise ? `${strings.exercise}: ` : ""}${callTitle(call)}${call.location ? `, ${call.location}` : ""}`;
}
