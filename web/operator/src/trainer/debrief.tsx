/** One run: the sheet line by line, a trainer's judgement, the trainee's signature, and the report to take along. */
import type { RunDetail } from "@kiwimesh/sdk";
import { useCallback, type FormEvent, type ReactNode } from "react";

import { timeOfDay } from "../state/clock.ts";
import { ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Trouble } from "../ui/trouble.tsx";
import { useDeed, useRead, useRoom } from "./http.ts";
import { Heading, INPUT, PANEL, State } from "./parts.tsx";
import { Result } from "./runs.tsx";
import { Sheet } from "./sheet.tsx";
import { strings } from "./strings.ts";

interface DebriefProps {
  readonly runId: string;
  readonly nameOf: (personId: string) => string;
  readonly onBack: () => void;
}

export function Debrief({ runId, nameOf, onBack }: DebriefProps) {
  const { http, roles, personId } = useRoom();
  const ask = useCallback(() => http.call("read_training_run", { path: { run_id: runId } }).then(({ body }) => body), [http, runId]);
  const { value: run, problem, again } = useRead(ask);
  if (run === null) return <State value={null} problem={problem} empty="" />;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 print:hidden">
        <Button onClick={onBack}>{strings.debrief.back}</Button>
        <Exports run={run} />
      </div>
      <section className={PANEL} data-testid="debrief-head">
        <h2 className="flex items-center gap-3 text-lg font-semibold">
          {run.title} <ExerciseBadge />
        </h2>
        <p className="text-soft">
          {run.at.slice(0, 10)} {timeOfDay(run.at)}, {nameOf(run.trainee_id)}
        </p>
        <p className="mt-2 text-base">
          <strong className="tabular-nums">{strings.debrief.score(run.score)}</strong> <Result run={run} />
        </p>
        {run.overrules.map((one) => (
          <p key={one.at} className="mt-1 text-[13px]">
            {strings.debrief.overruledBy(one.score, one.passed)}: “{one.comment}”
          </p>
        ))}
        {run.countersignature && (
          <p className="mt-1 text-[13px]">
            {strings.debrief.signedAt(timeOfDay(run.countersignature.at))} {run.countersignature.comment && `: “${run.countersignature.comment}”`}
          </p>
        )}
      </section>
      {roles.includes("trainer") && <OverruleForm run={run} onDone={again} />}
      {personId === run.trainee_id && !run.countersigned && <SignForm run={run} onDone={again} />}
      <Sheet sheet={run.sheet} />
    </>
  );
}

function OverruleForm({ run, onDone }: { run: RunDetail; onDone: () => void }) {
  const { http } = useRoom();
  const overrule = (form: FormData) => {
    const body = { score: Number(form.get("score")), passed: form.has("passed"), comment: String(form.get("comment")) };
    return http.call("overrule_training_run", { path: { run_id: run.run_id }, body });
  };
  return (
    <WordForm deed="overrule" title={strings.debrief.overrule} about={strings.debrief.overruleAbout} send={overrule} onDone={onDone}>
      <label className="w-36 text-[13px] font-medium text-soft">
        {strings.debrief.newScore}
        <input name="score" type="number" min="0" max="100" step="0.1" required defaultValue={run.score} className={INPUT} data-testid="overrule-score" />
      </label>
      <label className="flex h-9 items-center gap-2">
        <input name="passed" type="checkbox" defaultChecked={run.passed} data-testid="overrule-passed" /> {strings.debrief.passed}
      </label>
      <Comment deed="overrule" label={strings.debrief.comment} least={3} />
    </WordForm>
  );
}

function SignForm({ run, onDone }: { run: RunDetail; onDone: () => void }) {
  const { http } = useRoom();
  const sign = (form: FormData) =>
    http.call("countersign_training_run", { path: { run_id: run.run_id }, body: { comment: String(form.get("comment")) } });
  return (
    <WordForm deed="sign" title={strings.debrief.sign} about={strings.debrief.signAbout} send={sign} onDone={onDone}>
      <Comment deed="sign" label={strings.debrief.remark} least={0} />
    </WordForm>
  );
}

interface WordFormProps {
  readonly deed: "overrule" | "sign";
  readonly title: string;
  readonly about: string;
  readonly send: (form: FormData) => Promise<unknown>;
  readonly onDone: () => void;
  readonly children: ReactNode;
}

/** Somebody's word on the run: what it says, and one button that gives it. */
function WordForm({ deed, title, about, send, onDone, children }: WordFormProps) {
  const { busy, problem, act } = useDeed();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    act(() => send(form).then(onDone));
  };
  return (
    <form onSubmit={submit} className={`${PANEL} print:hidden`}>
      <Heading>{title}</Heading>
      <p className="mb-3 text-[13px] text-soft">{about}</p>
      <div className="flex items-end gap-3">
        {children}
        <Button type="submit" look="strong" className="h-9" disabled={busy} data-testid={`${deed}-submit`}>
          {title}
        </Button>
      </div>
      {problem && <Trouble className="mt-3" title={problem.message} about={problem.way_out} />}
    </form>
  );
}

function Comment({ deed, label, least }: { deed: WordFormProps["deed"]; label: string; least: number }) {
  return (
    <label className="min-w-0 flex-1 text-[13px] font-medium text-soft">
      {label}
      <input name="comment" required={least > 0} minLength={least} className={INPUT} data-testid={`${deed}-comment`} />
    </label>
  );
}

function Exports({ run }: { run: RunDetail }) {
  const { http } = useRoom();
  const { busy, problem, act } = useDeed();
  const json = () => save(new Blob([JSON.stringify(run, null, 1)], { type: "application/json" }), `${run.run_id}.json`);
  const pdf = () =>
    act(async () => save((await http.call("print_training_run", { path: { run_id: run.run_id } })).body, `${run.run_id}.pdf`));
  return (
    <>
      <Button data-testid="export-json" onClick={json}>
        {strings.debrief.json}
      </Button>
      <Button disabled={busy} data-testid="export-pdf" onClick={pdf}>
        {strings.debrief.pdf}
      </Button>
      <Button onClick={() => print()}>{strings.debrief.print}</Button>
      {problem && <Trouble title={problem.message} about={problem.way_out} />}
    </>
  );
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
