import { useRef, useState, type FormEvent, type KeyboardEvent } from "react";

import { override } from "../state/actions.ts";
import { useDesk, useShownCall, useStore } from "../state/hooks.ts";
import { change, view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";
import { cn } from "../ui/classes.ts";
import { Dialog } from "../ui/dialog.tsx";

const CATEGORIES = [1, 2, 3, 4, 5] as const;
const SHORTEST = 3;

export function OverrideWindow() {
  const { window } = useStore(view);
  const close = () => change({ window: null });
  return (
    <Dialog open={window === "override"} onClose={close} title={strings.override.title} about={strings.override.about}>
      <OverrideForm onDone={close} />
    </Dialog>
  );
}

function OverrideForm({ onDone }: { onDone: () => void }) {
  const desk = useDesk();
  const call = useShownCall();
  const [category, setCategory] = useState(call?.view.card?.category ?? null);
  const [reason, setReason] = useState("");
  const reasonField = useRef<HTMLTextAreaElement>(null);
  const complete = category !== null && reason.trim().length >= SHORTEST;

  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (!complete || !call) return;
    override(desk, call.callId, category, reason.trim());
    onDone();
  };
  const chooseByKey = (event: KeyboardEvent) => {
    const typing = event.target instanceof HTMLTextAreaElement;
    const chosen = CATEGORIES.find((candidate) => String(candidate) === event.key);
    if (!typing && chosen) {
      event.preventDefault();
      setCategory(chosen);
      reasonField.current?.focus();
    }
    if (typing && event.key === "Enter" && !event.shiftKey) submit(event);
  };

  return (
    <form onSubmit={submit} onKeyDown={chooseByKey}>
      <div role="radiogroup" aria-label={strings.category.word} className="grid gap-1">
        {CATEGORIES.map((candidate) => (
          <button
            key={candidate}
            type="button"
            role="radio"
            data-first={candidate === 1 || undefined}
            aria-checked={category === candidate}
            data-testid={`override-category-${candidate}`}
            onClick={() => setCategory(candidate)}
            className={cn(
              "flex items-center gap-3 rounded-md border border-transparent px-2 py-1.5 text-left hover:bg-raised",
              category === candidate && "border-line-strong bg-raised",
            )}
          >
            <CategoryMark category={candidate} className="size-7" />
            <span className="font-medium">{strings.category.name(candidate)}</span>
          </button>
        ))}
      </div>
      <label className="mt-3 block text-[13px] font-medium text-soft">
        {strings.override.reason}
        <textarea
          ref={reasonField}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          rows={2}
          maxLength={4000}
          placeholder={strings.override.reasonHint}
          data-testid="override-reason"
          className="mt-1 block w-full rounded-md border border-line-strong bg-surface px-3 py-2 text-sm text-ink placeholder:text-faint"
        />
      </label>
      <div className="mt-4 flex items-center justify-end gap-3">
        {!complete && reason.length > 0 && <span className="text-[13px] text-soft">{strings.override.tooShort}</span>}
        <Button type="submit" look="solid" disabled={!complete} data-testid="override-submit">
          {strings.override.submit}
        </Button>
      </div>
    </form>
  );
}
