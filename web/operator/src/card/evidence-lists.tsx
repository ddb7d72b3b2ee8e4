import type { Candidate, FindingView, Reason } from "@kiwimesh/sdk";

import { cardId } from "../state/jump.ts";
import { strings } from "../strings.ts";
import { CategoryMark } from "../ui/category.tsx";
import { cn } from "../ui/classes.ts";
import { EvidenceLinks } from "./evidence-link.tsx";
import { Section } from "./section.tsx";
import { SetByMark } from "./set-by.tsx";

export function Reasons({ reasons }: { reasons: readonly Reason[] }) {
  return (
    <Section title={strings.card.reasons}>
      {reasons.length === 0 && <p className="text-[13px] text-soft">{strings.card.noReasons}</p>}
      <ul className="space-y-1.5">
        {reasons.map((reason) => (
          <li key={reason.code} id={cardId(`reason:${reason.code}`)} className="flex items-start gap-2">
            <CategoryMark category={reason.category} className="mt-px size-5" />
            <div className="min-w-0 flex-1">
              <p className="font-medium">
                {reason.label} <SetByMark source={reason.source} />
              </p>
              <EvidenceLinks evidence={reason.evidence} />
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Findings({ findings }: { findings: readonly FindingView[] }) {
  if (findings.length === 0) return null;
  return (
    <Section title={strings.card.findings}>
      <ul className="space-y-1">
        {findings.map((finding) => (
          <li
            key={finding.code}
            id={cardId(`finding:${finding.code}`)}
            className="flex items-baseline justify-between gap-3 text-[13px]"
          >
            <span className={cn("min-w-0 truncate", finding.withdrawn && "line-through")}>
              <Polarity finding={finding} /> {finding.label}
              {finding.red_flag && finding.polarity === "present" && (
                <span className="ml-1.5 rounded border border-line-strong px-1 text-[11px] font-semibold">{strings.card.redFlag}</span>
              )}
              {finding.source.set_by === "model" && (
                <>
                  {" "}
                  <SetByMark source={finding.source} />
                </>
              )}
            </span>
            <span className="max-w-[52%] min-w-0">
              <EvidenceLinks evidence={finding.evidence.slice(0, 1)} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Polarity({ finding: { polarity } }: { finding: FindingView }) {
  const words = { present: "", absent: strings.card.absent, unknown: strings.card.unsure }[polarity];
  const sign = { present: "+", absent: "−", unknown: "?" }[polarity];
  return (
    <span className={cn("inline-block w-3 font-semibold", polarity === "present" ? "text-ink" : "text-faint")}>
      <span aria-hidden="true">{sign}</span>
      <span className="sr-only">{words}</span>
    </span>
  );
}

export function Candidates({ candidates }: { candidates: readonly Candidate[] }) {
  if (candidates.length === 0) return null;
  return (
    <Section title={strings.card.candidates}>
      <ul className="space-y-1">
        {candidates.map((candidate) => (
          <li key={candidate.complaint} className="grid grid-cols-[minmax(0,1fr)_80px_36px] items-center gap-2 text-[13px]">
            <span className="truncate">{candidate.label}</span>
            <span aria-hidden="true" className="h-1.5 overflow-hidden rounded bg-raised">
              <span className="block h-full bg-line-strong" style={{ width: `${candidate.probability * 100}%` }} />
            </span>
            <span className="text-right text-xs text-soft tabular-nums">{Math.round(candidate.probability * 100)} %</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
