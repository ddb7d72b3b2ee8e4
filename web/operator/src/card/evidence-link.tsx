import type { Evidence } from "@kiwimesh/sdk";

import { clock } from "../state/clock.ts";
import { jumpToWords } from "../state/jump.ts";
import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";

/** The caller's words behind a value; leads to their place in the transcript. */
export function EvidenceLink({ evidence }: { evidence: Evidence }) {
  return (
    <button
      type="button"
      data-testid="evidence-link"
      title={strings.card.evidenceAt(clock(evidence.start_s))}
      onClick={(event) => {
        if (event.detail > 0) event.currentTarget.blur();
        jumpToWords(evidence);
      }}
      className="inline-flex min-h-6 max-w-full items-baseline gap-1.5 rounded-sm text-left text-[13px] text-soft hover:text-ink"
    >
      <span className={cn("min-w-0 truncate border-b border-mark-line", evidence.withdrawn && "line-through")}>“{evidence.quote}”</span>
      <span className="text-xs text-faint tabular-nums">{clock(evidence.start_s)}</span>
      {evidence.withdrawn && <span className="text-xs">({strings.card.withdrawn})</span>}
    </button>
  );
}

export function EvidenceLinks({ evidence }: { evidence: readonly Evidence[] }) {
  return (
    <span className="flex flex-wrap gap-x-3">
      {evidence.slice(0, 3).map((item) => (
        <EvidenceLink key={`${item.start_s}${item.quote}`} evidence={item} />
      ))}
    </span>
  );
}
