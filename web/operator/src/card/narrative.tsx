import type { Narrative, NarrativeSentence } from "@kiwimesh/sdk";

import { strings } from "../strings.ts";
import { EvidenceLinks } from "./evidence-link.tsx";
import { Section } from "./section.tsx";
import { SetByMark } from "./set-by.tsx";

/** What the call is about, each sentence with the words that it rests on, and by whom it was written. */
export function Summary({ narrative }: { narrative: Narrative | null }) {
  if (!narrative) return null;
  return (
    <Section title={strings.card.summary} aside={<SetByMark source={narrative.source} />}>
      <ul className="space-y-1" data-testid="summary" data-set-by={narrative.source.set_by}>
        {narrative.sentences.map((sentence) => (
          <Sentence key={sentence.text} sentence={sentence} />
        ))}
      </ul>
    </Section>
  );
}

function Sentence({ sentence }: { sentence: NarrativeSentence }) {
  return (
    <li className="text-[13px] leading-snug">
      {sentence.text}
      <EvidenceLinks evidence={sentence.evidence} />
    </li>
  );
}
