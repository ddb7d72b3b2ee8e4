/** One exercise while it runs: what is said, the card, what happens; and what a trainer makes happen. */
import type { CallView, Card, ExerciseDetail, InjectionKind } from "@kiwimesh/sdk";
import { useState } from "react";

import { describe } from "../call/timeline-words.ts";
import { clock } from "../state/clock.ts";
import { strings as desk } from "../strings.ts";
import { ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";
import { Trouble } from "../ui/trouble.tsx";
import { useExercise } from "./follow.ts";
import { useDeed, useRoom } from "./http.ts";
import { Heading, INPUT, PANEL } from "./parts.tsx";
import { strings } from "./strings.ts";

const ON_THE_LINE: readonly InjectionKind[] = ["hang_up", "battery_low", "line_noise"];

interface WatchProps {
  readonly exerciseId: string;
  readonly onBack: () => void;
  readonly onDebrief: (runId: string) => void;
}

export function Watch({ exerciseId, onBack, onDebrief }: WatchProps) {
  const { http, personId } = useRoom();
  const { exercise, view, problem } = useExercise(http, exerciseId);
  if (exercise === null) {
    return problem ? <Trouble title={problem.message} about={problem.way_out} /> : <p role="status">{strings.loading}</p>;
  }
  const { run_id: runId } = exercise;
  return (
    <>
      <div className="flex items-center gap-3">
        <Button onClick={onBack}>{strings.watch.back}</Button>
        <h2 className="text-base font-semibold">{exercise.title}</h2>
        <ExerciseBadge />
        <span role="status" data-testid="exercise-state" data-state={exercise.state} className="font-medium">
          {strings.state[exercise.state]}
        </span>
        {exercise.problem && <span className="text-soft">{exercise.problem}</span>}
        {runId && (
          <Button look="solid" data-testid="debrief" onClick={() => onDebrief(runId)}>
            {strings.watch.debrief}
          </Button>
        )}
      </div>
      {problem && <Trouble title={problem.message} about={problem.way_out} />}
      {exercise.state === "playing" && ringsNowhere(view) && <Trouble title={strings.watch.absent} about={strings.watch.absentAbout} />}
      {(exercise.state === "playing" || exercise.state === "requested") && <Controls exercise={exercise} />}
      <div className="grid grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)] items-start gap-4">
        <Transcript view={view} />
        <CardPart card={view.card} />
      </div>
      <Timeline view={view} me={personId} />
    </>
  );
}

/** Unanswered, and at the last look there was no seat to ring. */
function ringsNowhere(view: CallView): boolean {
  const rang = view.timeline.findLast(({ body }) => body.kind === "call.rang")?.body;
  return view.answeredAtS === null && rang?.kind === "call.rang" && rang.seats.length === 0;
}

function Controls({ exercise }: { exercise: ExerciseDetail }) {
  const { http } = useRoom();
  const { busy, problem, act } = useDeed();
  const [line, setLine] = useState("");
  const path = { exercise_id: exercise.exercise_id };
  const inject = (kind: InjectionKind, lineId: string | null = null) =>
    act(() => http.call("inject_event", { path, body: { kind, line_id: lineId } }));
  const playing = exercise.state === "playing";
  const chosen = line || exercise.lines[0]?.line_id || "";
  return (
    <section className={PANEL}>
      <Heading>{strings.watch.inject}</Heading>
      <div className="flex flex-wrap items-end gap-2">
        {ON_THE_LINE.map((kind) => (
          <Button key={kind} disabled={busy || !playing} data-testid={`inject-${kind}`} onClick={() => inject(kind)}>
            {strings.watch.injection[kind]}
          </Button>
        ))}
        <label className="min-w-0 flex-1 text-[13px] font-medium text-soft">
          {strings.watch.line}
          <select value={chosen} onChange={({ target }) => setLine(target.value)} className={INPUT}>
            {exercise.lines.map(({ line_id, words }) => (
              <option key={line_id} value={line_id}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <Button disabled={busy || !playing || chosen === ""} data-testid="inject-line" onClick={() => inject("line", chosen)}>
          {strings.watch.injection.line}
        </Button>
        <Button look="strong" disabled={busy} data-testid="stop-exercise" onClick={() => act(() => http.call("stop_exercise", { path }))}>
          {strings.watch.stop}
        </Button>
      </div>
      {problem && <Trouble className="mt-3" title={problem.message} about={problem.way_out} />}
      {exercise.injections.length > 0 && (
        <ul className="mt-3 text-[13px]">
          {exercise.injections.map((event) => (
            <li key={event.number} data-testid="injection" data-done={event.done}>
              {strings.watch.injection[event.kind]}: {event.done ? strings.watch.done : strings.watch.pending}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Transcript({ view }: { view: CallView }) {
  return (
    <section className={PANEL}>
      <Heading>{strings.watch.transcript}</Heading>
      <div role="log" tabIndex={0} aria-label={strings.watch.transcript} data-testid="watch-transcript" className="grid max-h-96 gap-1 overflow-y-auto">
        {view.lines.length === 0 && <p className="text-soft">{view.answeredAtS === null ? strings.watch.ringing : strings.watch.waiting}</p>}
        {view.lines.map((line) => (
          <p key={line.utterance_id}>
            <span className="mr-2 text-[12px] text-soft tabular-nums">{clock(line.start_s)}</span>
            <span className={`mr-2 font-medium ${line.channel === "caller" ? "text-caller" : "text-mine"}`}>{desk.transcript[line.channel]}</span>
            {line.words.map(({ text }) => text).join(" ")}
          </p>
        ))}
      </div>
    </section>
  );
}

function CardPart({ card }: { card: Card | null }) {
  return (
    <section className={PANEL} data-testid="watch-card" data-category={card?.category ?? "unassessed"}>
      <Heading>{strings.watch.card}</Heading>
      {card === null ? (
        <p className="text-soft">{strings.watch.noCard}</p>
      ) : (
        <>
          <p className="flex items-center gap-2 font-medium">
            <CategoryMark category={card.category} />
            {card.headline || desk.category.name(card.category)}
          </p>
          <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-[13px]">
            {card.fields.map((field) => (
              <div key={field.name} className="contents">
                <dt className="text-soft">{desk.field[field.name]}</dt>
                <dd>{field.label}</dd>
              </div>
            ))}
          </dl>
          {card.next_question && (
            <p className="mt-3 text-[13px]">
              <span className="text-soft">{desk.card.nextQuestion}:</span> {card.next_question.text}
            </p>
          )}
        </>
      )}
    </section>
  );
}

function Timeline({ view, me }: { view: CallView; me: string }) {
  const lines = view.timeline.flatMap((entry) => {
    const words = describe(entry, me);
    return words === null || entry.body.kind === "speech.final" ? [] : [{ entry, words }];
  });
  return (
    <section className={PANEL}>
      <Heading>{strings.watch.timeline}</Heading>
      <ol className="max-h-72 overflow-y-auto text-[13px]" tabIndex={0} aria-label={strings.watch.timeline}>
        {lines.map(({ entry, words }) => (
          <li key={entry.seq} className={`grid grid-cols-[4rem_6rem_1fr] gap-2 ${words.quiet ? "text-soft" : ""}`}>
            <span className="tabular-nums">{clock(entry.call_s)}</span>
            <span>{words.who}</span>
            <span>{words.what}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
