import type { Colleague } from "@kiwimesh/sdk";
import type { KeyboardEvent } from "react";

import * as handover from "../state/handover.ts";
import { useConsole, useDesk, useStore } from "../state/hooks.ts";
import { change, view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Key } from "../ui/key.tsx";

const BY_NUMBER = 9;

export function TransferWindow() {
  const { window } = useStore(view);
  return (
    <Dialog
      open={window === "transfer"}
      onClose={() => change({ window: null })}
      title={strings.handover.title}
      about={strings.handover.about}
    >
      <ColleagueList />
    </Dialog>
  );
}

function ColleagueList() {
  const desk = useDesk();
  const colleagues = useConsole((state) => state.colleagues);
  if (colleagues === null) return <p role="status">{strings.handover.loading}</p>;
  if (colleagues.length === 0) return <p role="status">{strings.handover.nobody}</p>;
  const choose = (colleague: Colleague | undefined) => {
    if (colleague && handover.canTake(colleague)) handover.offer(desk, colleague);
  };
  const byNumber = (event: KeyboardEvent) => choose(colleagues[Number(event.key) - 1]);
  return (
    <ul onKeyDown={byNumber} data-testid="colleagues" className="grid gap-1.5">
      {colleagues.map((colleague, index) => (
        <li key={colleague.seat.seat_id}>
          <button
            type="button"
            data-first={index === 0 || undefined}
            disabled={!handover.canTake(colleague)}
            onClick={() => choose(colleague)}
            className="flex w-full items-center gap-3 rounded-md border border-line px-3 py-2 text-left text-[13px] font-medium enabled:hover:bg-raised disabled:text-soft"
          >
            {index < BY_NUMBER && <Key>{index + 1}</Key>}
            <span className="min-w-0 flex-1 truncate">{colleague.seat.display_name}</span>
            {colleague.supervisor && <span className="text-soft">{strings.handover.supervisor}</span>}
            <State colleague={colleague} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function State({ colleague: { seat, connected } }: { colleague: Colleague }) {
  const free = connected && seat.state === "ready";
  return (
    <span className={cn("flex w-28 items-center gap-1.5", free ? "text-good" : "text-soft")}>
      <span aria-hidden="true" className={cn("size-2 rounded-full", free ? "bg-good" : "bg-faint")} />
      {connected ? strings.seat[seat.state] : strings.handover.away}
    </span>
  );
}
