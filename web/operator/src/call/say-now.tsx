import type { Card, InstructionStep, Instructions, Question } from "@kiwimesh/sdk";
import { memo, type ReactNode } from "react";

import { Approval } from "../card/approval.tsx";
import * as actions from "../state/actions.ts";
import { useDesk } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Key } from "../ui/key.tsx";
import { Metronome } from "./metronome.tsx";

/** What to say to the caller now, under the words that were said: the next question, and the step of the script. */
export const SayNow = memo(function SayNow({ card }: { card: Card }) {
  const { next_question: question, instructions: script } = card;
  if (!question && !script) return null;
  return (
    <div className="flex shrink-0 border-t border-line bg-accent-tint">
      {question && <NextQuestion question={question} />}
      {script && <Script script={script} others={card.other_scripts} />}
    </div>
  );
}, (before, after) => before.card === after.card);

function NextQuestion({ question }: { question: Question }) {
  const desk = useDesk();
  return (
    <Panel title={strings.card.nextQuestion} testId="next-question">
      <p className="text-[16px] leading-snug font-semibold">{question.text}</p>
      {question.why && <p className="mt-0.5 text-[13px] text-soft">{question.why}</p>}
      <div className="mt-2 flex flex-wrap gap-1.5">
        {question.answers.map((answer) => (
          <Button key={answer} size="small" onClick={() => actions.markQuestion(desk, question.code, answer)}>
            {answer}
          </Button>
        ))}
        <Button
          size="small"
          look={question.answers.length > 0 ? "quiet" : "plain"}
          shortcut="Q"
          onClick={() => actions.markNextQuestion(desk)}
          data-testid="question-asked"
        >
          {strings.card.asked}
        </Button>
      </div>
    </Panel>
  );
}

/** The script to read to the caller: the current step large, one key to go on. */
function Script({ script, others }: { script: Instructions; others: readonly string[] }) {
  const index = script.steps.findIndex((step) => step.step_id === script.current);
  const step = script.steps[index];
  const following = step && script.steps[index + 1];
  return (
    <Panel
      title={`${script.title}${step ? ` · ${strings.card.step(index + 1, script.steps.length)}` : ""}`}
      aside={<Approval by={script.approved_by} />}
      testId="instructions"
    >
      <p className="text-[16px] leading-snug font-semibold" data-testid="instruction-step" data-step-id={step?.step_id}>
        {step?.text ?? strings.card.finished}
      </p>
      {following && <p className="mt-0.5 truncate text-[13px] text-soft">{strings.card.then(following.text)}</p>}
      <div className="mt-2 flex flex-wrap items-center gap-1.5">
        {step && <StepKeys step={step} />}
        {script.metronome_bpm !== null && <Metronome bpm={script.metronome_bpm} />}
        <OtherScripts others={others} />
      </div>
    </Panel>
  );
}

function StepKeys({ step }: { step: InstructionStep }) {
  const desk = useDesk();
  if (step.answers.length === 0) {
    return (
      <Button look="solid" size="small" onClick={() => actions.markStep(desk, null)} data-testid="step-done">
        {strings.card.done} <Key inverted>Space</Key>
      </Button>
    );
  }
  return step.answers.map((answer, index) => (
    <Button key={answer} size="small" shortcut={String(index + 1)} onClick={() => actions.markStep(desk, index)}>
      {answer}
    </Button>
  ));
}

function OtherScripts({ others }: { others: readonly string[] }) {
  const desk = useDesk();
  return others.map((script) => (
    <Button key={script} size="small" look="quiet" onClick={() => actions.chooseScript(desk, script)}>
      {strings.card.switchTo(script.replaceAll("_", " "))}
    </Button>
  ));
}

function Panel({ title, aside, testId, children }: { title: string; aside?: ReactNode; testId: string; children: ReactNode }) {
  return (
    <section
      aria-live="polite"
      aria-label={title}
      data-testid={testId}
      className="min-w-0 flex-1 basis-0 border-l border-line px-4 py-2.5 first:border-l-0"
    >
      <div className="mb-0.5 flex min-h-5 items-center justify-between gap-2">
        <h3 className="truncate text-[11px] font-semibold tracking-wide text-accent uppercase">{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}
