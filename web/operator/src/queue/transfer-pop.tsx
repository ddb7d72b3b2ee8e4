import { offeredToMe } from "@kiwimesh/sdk";

import { clock, useSecondsUntil } from "../state/clock.ts";
import * as handover from "../state/handover.ts";
import { useConsole, useDesk } from "../state/hooks.ts";
import { callTitle, strings } from "../strings.ts";
import { ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";
import { Icon } from "../ui/icons.tsx";

/** A colleague wants this seat to take a call over. The caller is with them until the answer. */
export function TransferPop() {
  const desk = useDesk();
  const call = useConsole(offeredToMe);
  const offset = useConsole((state) => state.clockOffset);
  const left = useSecondsUntil(call?.transfer?.until ?? null, offset);
  if (!call) return null;
  return (
    <section
      role="alert"
      aria-label={strings.handover.incoming}
      data-testid="transfer-pop"
      className="ringing flex items-center gap-4 border-b-2 border-accent bg-surface px-3 py-2.5"
    >
      <Icon name="link" className="size-6 shrink-0 text-accent" />
      <CategoryMark category={call.category} className="size-9" />
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 text-base font-semibold">
          <span className="truncate">{strings.handover.asks(call.answered_by ?? "")}</span>
          {call.exercise && <ExerciseBadge />}
        </p>
        <p className="truncate text-[13px] text-soft">
          {callTitle(call)}
          {call.location && ` · ${call.location}`}
        </p>
      </div>
      <span aria-hidden="true" className="text-2xl font-semibold tabular-nums">
        {clock(left)}
      </span>
      <Button size="large" onClick={() => handover.answerOffer(desk, call, false)} data-testid="transfer-refuse">
        {strings.handover.refuse}
      </Button>
      <Button look="solid" size="large" shortcut="A" onClick={() => handover.answerOffer(desk, call, true)} data-testid="transfer-accept">
        {strings.handover.accept}
      </Button>
    </section>
  );
}
