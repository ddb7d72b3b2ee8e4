import { HandOverToValues, type HandOver } from "@kiwimesh/sdk";

import * as actions from "../state/actions.ts";
import { useDesk } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";

const KEYS = { booking: "V", call_back: "W" } as const;

/** No emergency was heard: the offer to go on elsewhere, or the warning that it has become one after all. */
export function HandOverOffer({ offer }: { offer: HandOver | null }) {
  const desk = useDesk();
  if (!offer) return null;
  const taken = offer.to !== null;
  return (
    <div
      role={offer.overtaken ? "alert" : "status"}
      data-testid="hand-over"
      data-state={offer.overtaken ? "overtaken" : taken ? "taken" : "offered"}
      className={cn("flex shrink-0 items-center gap-2 border-b border-line px-4 py-1.5 text-[13px]", offer.overtaken && "bg-warn-tint")}
    >
      {offer.overtaken && <Icon name="warning" className="size-4 shrink-0 text-warn" />}
      <span className="min-w-0 flex-1">{words(offer)}</span>
      {!taken &&
        HandOverToValues.map((to) => (
          <Button
            key={to}
            size="small"
            shortcut={KEYS[to]}
            onClick={() => actions.handOver(desk, to)}
            data-testid={`hand-over-${to}`}
          >
            {strings.handOver.to[to]}
          </Button>
        ))}
    </div>
  );
}

function words({ advice, to, overtaken }: HandOver): string {
  if (overtaken) return strings.handOver.overtaken;
  return to === null ? advice : strings.handOver.taken(to);
}
