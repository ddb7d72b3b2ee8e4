import type { Question } from "@kiwimesh/sdk";

import * as actions from "../state/actions.ts";
import { openedCall } from "../state/desk.ts";
import { useConsole, useDesk } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";
import { Section } from "./section.tsx";

export function MustAsk({ questions, callId }: { questions: readonly Question[]; callId: string }) {
  const asked = useConsole((state) => openedCall(state, callId).view.asked);
  if (questions.length === 0) return null;
  return (
    <Section title={strings.card.mustAsk}>
      <ul className="space-y-0.5">
        {questions.map((question) => (
          <MustAskLine key={question.code} question={question} asked={asked.has(question.code)} />
        ))}
      </ul>
    </Section>
  );
}

function MustAskLine({ question, asked }: { question: Question; asked: boolean }) {
  const desk = useDesk();
  return (
    <li className="flex items-center gap-2 text-[13px]">
      <button
        type="button"
        role="checkbox"
        aria-checked={asked}
        disabled={asked}
        aria-label={`${strings.card.asked}: ${question.text}`}
        onClick={() => actions.markQuestion(desk, question.code, null)}
        className={cn("grid size-[18px] shrink-0 place-items-center rounded border border-line-strong", asked && "border-good bg-good-tint text-good")}
      >
        {asked && <Icon name="check" className="size-3.5" />}
      </button>
      <span className={cn("min-w-0 flex-1", asked && "text-soft")}>{question.text}</span>
      {question.due_s !== null && !asked && <span className="text-xs whitespace-nowrap text-faint tabular-nums">{strings.card.due(question.due_s)}</span>}
    </li>
  );
}
