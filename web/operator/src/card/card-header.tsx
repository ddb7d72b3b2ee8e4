import type { Card } from "@kiwimesh/sdk";

import * as actions from "../state/actions.ts";
import { openedCall } from "../state/desk.ts";
import { useConsole, useDesk } from "../state/hooks.ts";
import { clock } from "../state/clock.ts";
import { strings } from "../strings.ts";
import { Badge, ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CategoryMark, categoryColour, categoryTint } from "../ui/category.tsx";
import { Icon } from "../ui/icons.tsx";

export function CardHeader({ card, callId }: { card: Card; callId: string }) {
  const desk = useDesk();
  const me = useConsole((state) => state.seat?.person_id ?? null);
  const exercise = useConsole((state) => openedCall(state, callId).view.started?.exercise ?? false);
  const { category, override } = card;
  return (
    <header
      data-testid="card-category"
      data-category={category ?? "unassessed"}
      className="sticky top-0 z-10 border-l-[6px] px-4 py-3"
      style={{ borderLeftColor: categoryColour(category), backgroundColor: categoryTint(category) }}
    >
      <div className="flex items-center gap-3.5">
        <CategoryMark category={category} className="size-14" />
        <div className="min-w-0 flex-1" role="status">
          <p className="flex items-center gap-2 text-[11px] font-semibold tracking-wide text-soft uppercase">
            {category === null ? strings.category.word : `${strings.category.word} ${category}`}
            {exercise && <ExerciseBadge />}
          </p>
          <p className="text-[21px] leading-tight font-bold tracking-tight">{strings.category.name(category)}</p>
          {card.headline && <p className="line-clamp-2 text-[13px] leading-snug">{card.headline}</p>}
        </div>
        <Button size="small" shortcut="O" onClick={() => actions.openOverride(desk)} data-testid="override-open">
          {strings.card.override}
        </Button>
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-1.5">
        <Opinion name={strings.card.floor} category={card.floor} />
        <Opinion name={strings.card.model} category={card.model_category} />
        {override && <Badge tone="accent">{override.operator === me ? strings.card.overriddenByMe : strings.card.overridden}</Badge>}
        <RaisedAt callId={callId} />
      </div>
      {override && <p className="mt-1 text-[13px] text-soft">{override.reason}</p>}
      {card.disagreement && (
        <p className="mt-1.5 flex items-start gap-1.5 text-[13px]">
          <Icon name="warning" className="mt-0.5 size-4 shrink-0 text-warn" />
          {card.disagreement}
        </p>
      )}
    </header>
  );
}

function Opinion({ name, category }: { name: string; category: number | null }) {
  return (
    <Badge title={strings.category.title(category)}>
      {name} {category ?? strings.card.unassessed}
    </Badge>
  );
}

/** When the call was last found to be more urgent than shown before. */
function RaisedAt({ callId }: { callId: string }) {
  const raised = useConsole((state) => {
    const { view } = openedCall(state, callId);
    return view.raisedSeq === null ? undefined : view.timeline[view.raisedSeq - 1];
  });
  if (raised?.body.kind !== "card.category_raised") return null;
  return (
    <Badge>
      {strings.category.raised(raised.body.after)} · {clock(raised.call_s)}
    </Badge>
  );
}
