import { useState, type FormEvent } from "react";

import * as dispatching from "../state/dispatching.ts";
import { useConsole, useDesk, useStore } from "../state/hooks.ts";
import { change, view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";

const SHORTEST = 3;

/** Why a unit is stood down, or diverted to the shown call. */
export function ReasonWindow() {
  const { window, unitId } = useStore(view);
  const name = useConsole((state) => (unitId !== null && state.board.units.get(unitId)?.call_sign) || "");
  const close = () => change({ window: null, unitId: null });
  const diverts = window === "divert";
  const title = diverts ? strings.units.divertOf(name) : strings.units.standDownOf(name);
  return (
    <Dialog open={diverts || window === "stand_down"} onClose={close} title={title} about={strings.reason.about}>
      <ReasonForm title={title} act={diverts ? dispatching.divert : dispatching.standDown} onDone={close} />
    </Dialog>
  );
}

interface ReasonFormProps {
  readonly title: string;
  readonly act: typeof dispatching.divert;
  readonly onDone: () => void;
}

function ReasonForm({ title, act, onDone }: ReasonFormProps) {
  const desk = useDesk();
  const [reason, setReason] = useState("");
  const complete = reason.trim().length >= SHORTEST;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!complete) return;
    act(desk, reason.trim());
    onDone();
  };
  return (
    <form onSubmit={submit}>
      <label className="block text-[13px] font-medium text-soft">
        {strings.reason.label}
        <input
          data-first
          data-testid="reason"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          maxLength={4000}
          className="mt-1 block h-9 w-full rounded-md border border-line-strong bg-surface px-3 text-sm text-ink"
        />
      </label>
      <div className="mt-4 flex items-center justify-end gap-3">
        {!complete && <span className="text-[13px] text-soft">{strings.reason.tooShort}</span>}
        <Button type="submit" look="solid" disabled={!complete} data-testid="reason-submit">
          {title}
        </Button>
      </div>
    </form>
  );
}
