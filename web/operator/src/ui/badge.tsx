import type { ReactNode } from "react";

import { strings } from "../strings.ts";
import { cn } from "./classes.ts";

const TONES = {
  plain: "border-line bg-raised text-soft",
  warn: "border-warn-line bg-warn-tint text-warn",
  good: "border-transparent bg-good-tint text-good",
  accent: "border-transparent bg-accent-tint text-accent",
} as const;

export function Badge({ tone = "plain", className, children, ...rest }: {
  tone?: keyof typeof TONES;
  className?: string;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={cn("inline-flex h-5 items-center gap-1 rounded border px-1.5 text-[11px] font-medium whitespace-nowrap", TONES[tone], className)}
      {...rest}
    >
      {children}
    </span>
  );
}

/** Nobody must take an exercise for a real call, or the other way round. */
export function ExerciseBadge() {
  return (
    <span className="inline-flex h-5 items-center rounded border-2 border-dashed border-current px-1.5 text-[11px] font-bold tracking-widest text-soft uppercase">
      {strings.exercise}
    </span>
  );
}
