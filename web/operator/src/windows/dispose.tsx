import { DispositionValues, type Disposition } from "@kiwimesh/sdk";
import { useState, type FormEvent, type KeyboardEvent } from "react";

import { dispose } from "../state/actions.ts";
import { useDesk, useShownCall, useStore } from "../state/hooks.ts";
import { change, view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/classes.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Key } from "../ui/key.tsx";

export function DisposeWindow() {
  const { window } = useStore(view);
  const close = () => change({ window: null });
  return (
    <Dialog open={window === "dispose"} onClose={close} title={strings.dispose.title} about={strings.dispose.about}>
      <DisposeForm onDone={close} />
    </Dialog>
  );
}

function DisposeForm({ onDone }: { onDone: () => void }) {
  const desk = useDesk();
  const call = useShownCall();
  const [chosen, setChosen] = useState<Disposition | null>(null);
  const [reason, setReason] = useState("");

  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (!chosen || !call) return;
    dispose(desk, call.callId, chosen, reason.trim());
    onDone();
  };
  const chooseByKey = (event: KeyboardEvent) => {
    const typing = event.target instanceof HTMLInputElement;
    const byNumber = DispositionValues[Number(event.key) - 1];
    if (!typing && byNumber) setChosen(byNumber);
    if (!typing && event.key === "Enter" && chosen) submit(event);
  };

  return (
    <form onSubmit={submit} onKeyDown={chooseByKey}>
      <div role="radiogroup" aria-label={strings.dispose.about} className="grid grid-cols-2 gap-1.5">
        {DispositionValues.map((disposition, index) => (
          <button
            key={disposition}
            type="button"
            role="radio"
            data-first={index === 0 || undefined}
            aria-checked={chosen === disposition}
            data-testid={`dispose-${disposition}`}
            onClick={() => setChosen(disposition)}
            className={cn(
              "flex items-center gap-2.5 rounded-md border border-line px-3 py-2 text-left text-[13px] font-medium hover:bg-raised",
              chosen === disposition && "border-accent bg-accent-tint",
            )}
          >
            <Key>{index + 1}</Key>
            {strings.dispose.name[disposition]}
          </button>
        ))}
      </div>
      <label className="mt-3 block text-[13px] font-medium text-soft">
        {strings.dispose.reason}
        <input
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          maxLength={4000}
          className="mt-1 block h-9 w-full rounded-md border border-line-strong bg-surface px-3 text-sm text-ink"
        />
      </label>
      <div className="mt-4 flex items-center justify-end gap-3">
        {!chosen && <span className="text-[13px] text-soft">{strings.dispose.choose}</span>}
        <Button type="submit" look="solid" disabled={!chosen} data-testid="dispose-submit">
          {strings.dispose.submit}
        </Button>
      </div>
    </form>
  );
}
