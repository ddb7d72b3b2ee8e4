import { useDesk, useStore } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/icons.tsx";

/** More calls than usual: what to do first. */
export function SurgeStrip() {
  const surge = useStore(useDesk().surges.state);
  if (!surge.on) return null;
  return (
    <p role="status" data-testid="surge" className="flex items-center gap-2 border-b border-warn-line bg-warn-tint px-3 py-1.5 text-[13px]">
      <Icon name="warning" className="size-4 shrink-0 text-warn" />
      <span className="font-semibold">{strings.surge.title(surge.lastMinute)}</span>
      <span className="text-soft">{strings.surge.about}</span>
    </p>
  );
}
