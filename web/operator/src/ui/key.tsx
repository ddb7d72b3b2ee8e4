import type { ReactNode } from "react";

import { cn } from "./classes.ts";

/** A key of the keyboard. */
export function Key({ children, inverted = false }: { children: ReactNode; inverted?: boolean }) {
  return (
    <kbd
      aria-hidden="true"
      className={cn(
        "inline-grid h-[18px] min-w-[18px] place-items-center rounded border px-1 font-sans text-[11px] leading-none font-medium",
        inverted ? "border-current/40 text-current/90" : "border-line bg-raised text-soft",
      )}
    >
      {children}
    </kbd>
  );
}
