import type { CardField, PersonTold } from "@kiwimesh/sdk";

import { strings } from "../strings.ts";
import { CategoryMark } from "../ui/category.tsx";
import { cn } from "../ui/classes.ts";
import { EvidenceLink } from "./evidence-link.tsx";
import { Section } from "./section.tsx";

/** Where more than one person is told of: a row for each, the most urgent first, as the card has them. */
export function People({ people }: { people: readonly PersonTold[] }) {
  if (people.length === 0) return null;
  return (
    <Section title={strings.card.people}>
      <ol className="space-y-1.5" data-testid="people">
        {people.map((person, index) => (
          <Person key={`${index} ${person.who}`} person={person} />
        ))}
      </ol>
    </Section>
  );
}

function Person({ person }: { person: PersonTold }) {
  return (
    <li className="flex items-start gap-2">
      <CategoryMark category={person.category} className="mt-px size-5" />
      <div className="min-w-0 flex-1 text-[13px]">
        <h4 className="text-sm font-medium break-words">{person.who}</h4>
        <ul className="flex flex-wrap gap-x-4">
          <Condition label={strings.field.conscious} field={person.conscious} alarming="no" />
          <Condition label={strings.field.breathing} field={person.breathing} alarming="absent" />
          {person.findings.map(({ code, label, evidence: [said] }) => (
            <li key={code} className="flex min-h-6 w-full flex-wrap items-baseline gap-x-2.5">
              <span className="min-w-0 break-words">{label}</span>
              {said && <EvidenceLink evidence={said} />}
            </li>
          ))}
        </ul>
      </div>
    </li>
  );
}

/** Awake, or breathing: said for every person, also where nobody knows, so that two people can be compared. */
function Condition({ label, field, alarming }: { label: string; field: CardField | null; alarming: string }) {
  const said = field?.evidence[0];
  return (
    <li className="flex min-h-6 flex-wrap items-baseline gap-x-2.5">
      <span>
        <span className="text-soft">{label}: </span>
        <span className={cn(field === null && "text-faint", field?.value === alarming && "font-semibold")}>
          {field?.label ?? strings.card.unknown}
        </span>
      </span>
      {said && <EvidenceLink evidence={said} />}
    </li>
  );
}
