/** Which spoken words stand behind which part of the card, both ways. Pure. */
import type { Line } from "./call.ts";
import type { Card, Evidence } from "./contract.ts";

/** A part of the card: `field:age`, `reason:not_breathing`, `finding:chest_pain`. */
export type Target = `${"field" | "reason" | "finding"}:${string}`;

export interface Support {
  readonly target: Target;
  readonly label: string;
  readonly evidence: Evidence;
}

/** Recognisers place words to within some tens of milliseconds. */
const TOLERANCE_S = 0.05;

export function supports(card: Card): Support[] {
  const of = (target: Target, label: string, evidence: readonly Evidence[]): Support[] =>
    evidence.filter((item) => !item.withdrawn).map((item) => ({ target, label, evidence: item }));
  return [
    ...card.reasons.flatMap((reason) => of(`reason:${reason.code}`, reason.label, reason.evidence)),
    ...card.fields.flatMap((field) => of(`field:${field.name}`, field.label, field.evidence)),
    ...card.findings.flatMap((finding) => of(`finding:${finding.code}`, finding.label, finding.evidence)),
  ];
}

/** For each word of a line the first support that covers it, or null. */
export function supportOfWords(line: Line, all: readonly Support[]): (Support | null)[] {
  const here = all.filter(
    ({ evidence }) =>
      evidence.channel === line.channel && evidence.start_s < line.end_s && evidence.end_s > line.start_s,
  );
  return line.words.map(
    (word) =>
      here.find(
        ({ evidence }) =>
          word.start_s >= evidence.start_s - TOLERANCE_S && word.end_s <= evidence.end_s + TOLERANCE_S,
      ) ?? null,
  );
}

/** An address for the place of the transcript where something was said. */
export function momentKey(evidence: Pick<Evidence, "channel" | "start_s">): string {
  return `${evidence.channel}@${evidence.start_s.toFixed(2)}`;
}
