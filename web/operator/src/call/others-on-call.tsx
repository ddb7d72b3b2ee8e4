import { clock, useSecondsUntil } from "../state/clock.ts";
import * as handover from "../state/handover.ts";
import { useConsole, useDesk, type ShownCall } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";

/** Who else is on the shown call: a colleague who talks, an offer that waits, supervisors who listen. */
export function OthersOnCall({ call: { summary, mine } }: { call: ShownCall }) {
  const desk = useDesk();
  const seatId = useConsole((state) => state.seat?.seat_id ?? null);
  if (!summary) return null;
  const { colleague, monitors, transfer } = summary;
  if (!colleague && !transfer && monitors.length === 0) return null;
  const beside = colleague?.seat_id === seatId;
  const others = monitors.filter((who) => who.seat_id !== seatId);
  return (
    <div data-testid="others" className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-accent-tint px-4 py-1.5 text-[13px]">
      {colleague && (
        <span className="flex items-center gap-1.5 font-medium">
          <Icon name="mic" className="size-4 text-accent" />
          {beside ? strings.handover.besides(summary.answered_by ?? "") : strings.handover.besides(colleague.display_name)}
        </span>
      )}
      {transfer && (
        <span className="flex items-center gap-1.5">
          <Icon name="link" className="size-4 text-accent" />
          {strings.handover.offered(transfer.to.display_name)} <Left until={transfer.until} />
        </span>
      )}
      {others.map((who) => (
        <span key={who.seat_id} className="flex items-center gap-1.5" data-testid="monitor">
          <Icon name="sound" className="size-4 text-accent" />
          {strings.handover.listens(who.display_name)}
        </span>
      ))}
      <span className="ml-auto flex gap-1.5">
        {transfer && mine && (
          <Button size="small" shortcut="⇧H" onClick={() => handover.handOn(desk)} data-testid="transfer-withdraw">
            {strings.handover.withdraw}
          </Button>
        )}
        {colleague && (mine || beside) && (
          <Button size="small" look="solid" shortcut="⇧H" onClick={() => handover.handOn(desk)} data-testid="depart">
            {mine ? strings.handover.leaveTo(colleague.display_name) : strings.handover.leave}
          </Button>
        )}
      </span>
    </div>
  );
}

function Left({ until }: { until: string }) {
  const offset = useConsole((state) => state.clockOffset);
  const seconds = useSecondsUntil(until, offset);
  return (
    <span aria-hidden="true" className="text-soft tabular-nums">
      {clock(seconds)}
    </span>
  );
}
