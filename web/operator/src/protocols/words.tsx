/** The words of a protocol: what opens it, its red flags, its questions, what is read out, where all of it comes from. */
import type { ProtocolText, QuestionText, ScriptText } from "@kiwimesh/sdk";
import type { ReactNode } from "react";

import { strings } from "./strings.ts";

export function Words({ text }: { text: ProtocolText }) {
  return (
    <div className="mt-4 grid gap-5 text-sm">
      <Part title={strings.entry}>
        <Lines lines={text.entry} />
        <p className="mt-1">
          {strings.category(text.category)} <Source words={text.category_source} />
        </p>
      </Part>
      <Part title={strings.flags}>
        {text.red_flags.length === 0 && <p className="text-soft">{strings.noFlags}</p>}
        <ul className="grid gap-2">
          {text.red_flags.map((flag, index) => (
            <li key={index}>
              <strong>{strings.category(flag.category)}</strong>: {flag.label} <Source words={flag.source} />
              <div className="ml-4 text-[13px] text-soft">
                {strings.when} <Lines lines={flag.when} />
              </div>
            </li>
          ))}
        </ul>
      </Part>
      <Part title={strings.questions}>
        <ol className="grid list-decimal gap-2 pl-5">
          {text.questions.map((question) => (
            <Question key={question.question_id} question={question} />
          ))}
        </ol>
      </Part>
      <Part title={strings.resources}>{text.resources.join(", ") || "–"}</Part>
      <Part title={strings.instructions}>
        {text.scripts.length === 0 && <p className="text-soft">{strings.noInstructions}</p>}
        {text.scripts.map((script) => (
          <Script key={script.script_id} script={script} />
        ))}
      </Part>
      <Part title={strings.sources}>{text.sources.join(", ")}</Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul className="list-disc pl-5">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Source({ words }: { words: string }) {
  return <span className="text-[13px] text-soft">({words || strings.noSource})</span>;
}

function Question({ question }: { question: QuestionText }) {
  const stated = (["yes", "no", "unsure"] as const).filter((answer) => question[answer].length > 0);
  return (
    <li>
      {question.ask} <Source words={question.source} />
      <div className="text-[13px] text-soft">
        {question.why} {question.answers.join(" / ")}
        <ul className="list-disc pl-5">
          {stated.map((answer) => (
            <li key={answer}>
              {strings.answers[answer]}: {question[answer].join("; ")}
            </li>
          ))}
        </ul>
      </div>
    </li>
  );
}

function Script({ script }: { script: ScriptText }) {
  return (
    <section className="mb-3">
      <h4 className="font-medium">
        {script.title} <span className="text-[13px] font-normal text-soft">{script.version}</span>
      </h4>
      <Lines lines={script.about} />
      <ol className="list-decimal pl-5">
        {script.steps.map((step) => (
          <li key={step.number}>
            {step.say} {step.ways.length > 0 && <span className="text-[13px] text-soft">→ {step.ways.join("; ")}</span>}
          </li>
        ))}
      </ol>
      <Source words={script.sources.join(", ")} />
    </section>
  );
}
