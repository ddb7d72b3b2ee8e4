import { useState, type FormEvent } from "react";

import { keyIn, type KeyedIn } from "../state/dispatching.ts";
import { useDesk, useStore } from "../state/hooks.ts";
import { change, view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";

const FIELD = "mt-1 block h-9 w-full rounded-md border border-line-strong bg-surface px-3 text-sm text-ink";
const ORIGINS = ["radio", "walk_in", "paper"] as const;
const CATEGORIES = [1, 2, 3, 4, 5] as const;

/** An incident without a call here, also one that was taken on paper while the server was away. */
export function KeyInWindow() {
  const { window } = useStore(view);
  const close = () => change({ window: null });
  return (
    <Dialog open={window === "key_in"} onClose={close} title={strings.keyIn.title} about={strings.keyIn.about}>
      <KeyInForm onDone={close} />
    </Dialog>
  );
}

function KeyInForm({ onDone }: { onDone: () => void }) {
  const desk = useDesk();
  const [origin, setOrigin] = useState<KeyedIn["origin"]>("radio");
  const [nature, setNature] = useState("");
  const [category, setCategory] = useState<number | null>(null);
  const [time, setTime] = useState("");
  const complete = nature.trim().length >= 2 && (origin !== "paper" || time !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!complete) return;
    keyIn(desk, { origin, nature: nature.trim(), category, happenedAt: origin === "paper" ? new Date(time) : null });
    onDone();
  };
  return (
    <form onSubmit={submit}>
      <fieldset className="grid grid-cols-3 gap-1.5">
        <legend className="sr-only">{strings.keyIn.origin}</legend>
        {ORIGINS.map((each, index) => (
          <label key={each} className="flex items-center gap-2.5 rounded-md border border-line px-3 py-2 text-[13px] font-medium has-checked:border-accent has-checked:bg-accent-tint">
            <input
              type="radio"
              name="origin"
              data-first={index === 0 || undefined}
              data-testid={`origin-${each}`}
              checked={origin === each}
              onChange={() => setOrigin(each)}
              className="size-4 accent-(--accent)"
            />
            {strings.keyIn.from[each]}
          </label>
        ))}
      </fieldset>
      <label className="mt-3 block text-[13px] font-medium text-soft">
        {strings.keyIn.nature}
        <input value={nature} onChange={({ target }) => setNature(target.value)} maxLength={200} data-testid="key-in-nature" className={FIELD} />
      </label>
      <div className="mt-3 grid grid-cols-2 gap-3">
        <label className="block text-[13px] font-medium text-soft">
          {strings.category.word}
          <select value={category ?? ""} onChange={({ target }) => setCategory(Number(target.value) || null)} className={FIELD}>
            <option value="">{strings.category.name(null)}</option>
            {CATEGORIES.map((each) => (
              <option key={each} value={each}>
                {strings.category.title(each)}
              </option>
            ))}
          </select>
        </label>
        {origin === "paper" && (
          <label className="block text-[13px] font-medium text-soft">
            {strings.keyIn.time}
            <input type="datetime-local" step={1} value={time} onChange={({ target }) => setTime(target.value)} data-testid="key-in-time" className={FIELD} />
          </label>
        )}
      </div>
      <div className="mt-4 flex items-center justify-end gap-3">
        {!complete && <span className="text-[13px] text-soft">{strings.keyIn.missing}</span>}
        <Button type="submit" look="solid" disabled={!complete} data-testid="key-in-submit">
          {strings.keyIn.submit}
        </Button>
      </div>
    </form>
  );
}
