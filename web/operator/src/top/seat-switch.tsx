import type { SetSeatState } from "@kiwimesh/sdk";

import { useConsole, useDesk } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";
import { Key } from "../ui/key.tsx";

const CHOICES = ["ready", "not_ready", "wrap_up"] as const satisfies readonly SetSeatState["state"][];

/** Whether this seat takes calls. "On call" is not chosen, it happens. */
export function SeatSwitch() {
  const desk = useDesk();
  const state = useConsole((known) => known.seat?.state ?? "not_ready");
  const onCall = state === "on_call";
  return (
    <div role="group" aria-label={strings.seat.label} className="flex items-center rounded-lg border border-line bg-raised p-0.5">
      {CHOICES.map((choice) => (
        <button
          key={choice}
          type="button"
          aria-pressed={state === choice}
          disabled={onCall}
          data-testid={choice === "ready" ? "seat-ready" : `seat-${choice}`}
          onClick={(event) => {
            if (event.detail > 0) event.currentTarget.blur();
            void desk.act("seat.set", { state: choice });
          }}
          className={cn(
            "flex h-7 items-center gap-1.5 rounded-md px-3 text-[13px] font-medium text-soft transition-colors enabled:hover:text-ink disabled:opacity-50",
            state === choice && "bg-surface text-ink shadow-sm",
          )}
        >
          <Dot state={choice} on={state === choice} />
          {strings.seat[choice]}
          {choice === "ready" && <Key>R</Key>}
        </button>
      ))}
      {onCall && (
        <span role="status" className="flex h-7 items-center gap-1.5 rounded-md bg-accent px-3 text-[13px] font-medium text-accent-ink">
          {strings.seat.on_call}
        </span>
      )}
    </div>
  );
}

function Dot({ state, on }: { state: (typeof CHOICES)[number]; on: boolean }) {
  const colour = { ready: "bg-good", not_ready: "bg-faint", wrap_up: "bg-warn" }[state];
  return <span aria-hidden="true" className={cn("size-2 rounded-full", on ? colour : "bg-line-strong opacity-40")} />;
}
