import type { CSSProperties } from "react";

import { strings } from "../strings.ts";
import { cn } from "./classes.ts";

/** Each category has a colour, a number and a shape of its own, so that no one of them has to carry the meaning alone. */
const SHAPES: Record<string, string> = {
  "1": "M10 2h12l8 8v12l-8 8H10l-8-8V10z",
  "2": "M16 1.5 30.5 16 16 30.5 1.5 16z",
  "3": "M16 2.5 31 29H1z",
  "4": "M16 2a14 14 0 1 0 0 28 14 14 0 0 0 0-28z",
  "5": "M6 3.5h20a2.5 2.5 0 0 1 2.5 2.5v20a2.5 2.5 0 0 1-2.5 2.5H6A2.5 2.5 0 0 1 3.5 26V6A2.5 2.5 0 0 1 6 3.5z",
  "0": "M16 2a14 14 0 1 0 0 28 14 14 0 0 0 0-28z",
};

export function categoryColour(category: number | null): string {
  return `var(--c${category ?? 0})`;
}

export function categoryTint(category: number | null): string {
  return `var(--c${category ?? 0}-tint)`;
}

export function CategoryMark({ category, className }: { category: number | null; className?: string }) {
  const key = String(category ?? 0);
  const unassessed = category === null;
  return (
    <svg viewBox="0 0 32 32" role="img" aria-label={strings.category.title(category)} className={cn("size-8 shrink-0", className)}>
      <path
        d={SHAPES[key]}
        fill={unassessed ? categoryTint(null) : categoryColour(category)}
        stroke={categoryColour(category)}
        strokeWidth={unassessed ? 2.4 : 1}
        strokeDasharray={unassessed ? "5 3.3" : undefined}
      />
      <text
        x="16"
        y={category === 3 ? 24.5 : 21.6}
        textAnchor="middle"
        className="text-[16px] font-bold"
        style={{ fill: unassessed ? categoryColour(null) : "var(--surface)" } as CSSProperties}
      >
        {category ?? "?"}
      </text>
    </svg>
  );
}
