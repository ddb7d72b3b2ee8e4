import type { Card } from "@kiwimesh/sdk";

import { openedCall } from "../state/desk.ts";
import { useConsole, useDesk, useStore } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Badge } from "../ui/badge.tsx";
import { Approval } from "./approval.tsx";
import { CardHeader } from "./card-header.tsx";
import { Details } from "./details.tsx";
import { Candidates, Findings, Reasons } from "./evidence-lists.tsx";
import { Summary } from "./narrative.tsx";
import { People } from "./people.tsx";
import { MustAsk } from "./questions.tsx";
import { Section } from "./section.tsx";
import { Timers } from "./timers.tsx";

export function CardPanel() {
  const desk = useDesk();
  const callId = useStore(desk.shown);
  const card = useConsole((state) => openedCall(state, callId).view.card);
  return (
    <aside aria-label={strings.card.label} className="flex min-h-0 flex-col overflow-y-auto bg-surface">
      {card && callId ? <TriageCard card={card} callId={callId} /> : <p className="m-auto p-8 text-center text-soft">{strings.card.empty}</p>}
    </aside>
  );
}

function TriageCard({ card, callId }: { card: Card; callId: string }) {
  return (
    <article data-testid="card" data-version={card.version}>
      <CardHeader card={card} callId={callId} />
      <Summary narrative={card.narrative} />
      <Reasons reasons={card.reasons} />
      <Timers timers={card.timers} callId={callId} />
      <Details fields={card.fields} />
      <People people={card.people} />
      <MustAsk questions={card.must_ask} callId={callId} />
      <Findings findings={card.findings} />
      <Candidates candidates={card.candidates} />
      <Around card={card} />
    </article>
  );
}

/** What surrounds the case: what to send, how to handle the caller, which protocol. */
function Around({ card }: { card: Card }) {
  return (
    <>
      {card.resources.length > 0 && (
        <Section title={strings.card.resources}>
          <Tags items={card.resources} />
        </Section>
      )}
      {card.overlays.length > 0 && (
        <Section title={strings.card.overlays}>
          <Tags items={card.overlays.map((overlay) => overlay.replaceAll("_", " "))} />
        </Section>
      )}
      {card.protocol && (
        <Section title={strings.card.protocol}>
          <p className="text-[13px]">
            {card.protocol.title} <span className="text-soft">{card.protocol.version}</span>
          </p>
          <Approval by={card.protocol.approved_by} />
        </Section>
      )}
    </>
  );
}

function Tags({ items }: { items: readonly string[] }) {
  return (
    <ul className="flex flex-wrap gap-1">
      {items.map((item) => (
        <li key={item}>
          <Badge>{item}</Badge>
        </li>
      ))}
    </ul>
  );
}
