import { useDesk, useStore } from "../state/hooks.ts";
import { UNDO_MS } from "../state/undo.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";

/** The last decision, for as long as it can be taken back. */
export function UndoBar() {
  const { undo } = useDesk();
  const offered = useStore(undo.offered);
  if (!offered) return null;
  return (
    <div
      key={offered.until}
      role="status"
      data-testid="undo"
      className="fixed bottom-4 left-1/2 z-30 flex -translate-x-1/2 items-center gap-4 overflow-hidden rounded-lg border border-line-strong bg-surface py-2 pr-2 pl-4 text-[13px] font-medium shadow-card"
    >
      {offered.what}
      <Button look="solid" size="small" shortcut="⌫" onClick={() => undo.undo()} data-testid="undo-press">
        {strings.undo.press}
      </Button>
      <span aria-hidden="true" className="undo-time absolute bottom-0 left-0 h-0.5 w-full bg-accent" style={{ animationDuration: `${UNDO_MS}ms` }} />
    </div>
  );
}
