import { timeOfDay } from "../state/clock.ts";
import { useDesk, useStore } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";

/** Whether what the page shows is what is happening now. */
export function LiveStrip() {
  const { connection } = useDesk();
  const link = useStore(connection.link);
  const unanswered = useStore(connection.unanswered);
  const live = link.state === "live";
  return (
    <div
      role="status"
      data-testid="live-strip"
      data-state={live ? "live" : "stale"}
      title={live ? undefined : strings.live.staleAbout}
      className={cn(
        "flex h-7 items-center gap-1.5 rounded-md px-2.5 text-[13px] font-medium whitespace-nowrap",
        live ? "text-good" : "border border-warn-line bg-warn-tint text-warn",
      )}
    >
      {live ? <span aria-hidden="true" className="size-2 rounded-full bg-good" /> : <Icon name="broken" />}
      {live ? strings.live.live : link.heardAt > 0 ? strings.live.stale(timeOfDay(link.heardAt)) : strings.live.connecting}
      {!live && unanswered > 0 && <span className="font-normal">· {strings.live.waiting(unanswered)}</span>}
    </div>
  );
}
