import { ReferredToValues, type ReferredTo } from "@kiwimesh/sdk";
import { useState, type FormEvent } from "react";

import * as dispatching from "../state/dispatching.ts";
import { useDesk, useStore } from "../state/hooks.ts";
import { change, view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";

export function ReferWindow() {
  const { window } = useStore(view);
  const close = () => change({ window: null });
  return (
    <Dialog open={window === "refer"} onClose={close} title={strings.refer.title} about={strings.refer.about}>
      <ReferForm onDone={close} />
    </Dialog>
  );
}

const FIELD = "mt-1 block h-9 w-full rounded-md border border-line-strong bg-surface px-3 text-sm text-ink";

function ReferForm({ onDone }: { onDone: () => void }) {
  const desk = useDesk();
  const [to, setTo] = useState<ReferredTo | null>(null);
  const [reference, setReference] = useState("");
  const [reason, setReason] = useState("");
  const complete = to !== null && reference.trim().length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!complete) return;
    dispatching.refer(desk, to, reference.trim(), reason.trim());
    onDone();
  };
  return (
    <form onSubmit={submit}>
      <fieldset className="grid grid-cols-2 gap-1.5">
        <legend className="sr-only">{strings.refer.title}</legend>
        {ReferredToValues.map((service, index) => (
          <label key={service} className="flex items-center gap-2.5 rounded-md border border-line px-3 py-2 text-[13px] font-medium has-checked:border-accent has-checked:bg-accent-tint">
            <input
              type="radio"
              name="service"
              data-first={index === 0 || undefined}
              data-testid={`refer-${service}`}
              checked={to === service}
              onChange={() => setTo(service)}
              className="size-4 accent-(--accent)"
            />
            {strings.refer.to[service]}
          </label>
        ))}
      </fieldset>
      <label className="mt-3 block text-[13px] font-medium text-soft">
        {strings.refer.reference}
        <input value={reference} onChange={(event) => setReference(event.target.value)} maxLength={200} data-testid="refer-reference" className={FIELD} />
      </label>
      <label className="mt-3 block text-[13px] font-medium text-soft">
        {strings.refer.reason}
        <input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={4000} className={FIELD} />
      </label>
      <div className="mt-4 flex items-center justify-end gap-3">
        {!complete && <span className="text-[13px] text-soft">{strings.refer.choose}</span>}
        <Button type="submit" look="solid" disabled={!complete} data-testid="refer-submit">
          {strings.refer.submit}
        </Button>
      </div>
    </form>
  );
}
