import type { Evidence } from "@kiwimesh/sdk";

import { hearFrom } from "../state/actions.ts";
import { clock } from "../state/clock.ts";
import { useDesk } from "../state/hooks.ts";
import { jumpToWords } from "../state/jump.ts";
import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";

/** The caller's words behind a value; leads to their place in the transcript. */
export function EvidenceLink({ evidence }: { evidence: Evidence }) {
  const desk = useDesk();
  const link = (
    <button
      type="button"
      data-testid="evidence-link"
      title={strings.card.evidenceAt(clock(evidence.start_s))}
      onClick={(event) => {
        if (event.detail > 0) event.currentTarget.blur();
        jumpToWords(evidence);
      }}
      className="inline-flex min-h-6 min-w-0 items-baseline gap-1.5 rounded-sm text-left text-[13px] text-soft hover:text-ink"
    >
      <span className={cn("min-w-0 truncate border-b border-mark-line", evidence.withdrawn && "line-through")}>“{evidence.quote}”</span>
      <span className="text-xs text-faint tabular-nums">{clock(evidence.start_s)}</span>
      {evidence.withdrawn && <span className="text-xs">({strings.card.withdrawn})</span>}
    </button>
  );
  const at = clock(evidence.start_s);
  return (
    <span className="inline-flex max-w-full items-center gap-0.5">
      {link}
      <button
        type="button"
        data-testid="evidence-hear"
        aria-label={strings.playback.hear(at)}
        title={strings.playback.hear(at)}
        onClick={(event) => {
          if (event.detail > 0) event.currentTarget.blur();
          jumpToWords(evidence);
          hearFrom(desk, evidence.start_s);
        }}
        className="grid size-6 shrink-0 place-items-center rounded text-faint hover:bg-raised hover:text-accent"
      >
        <Icon name="play" className="size-3" />
      </button>
    </span>
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
