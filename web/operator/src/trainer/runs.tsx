/** Scored runs: a trainer's whole centre, a trainee's own; the trend of one trainee as a line. */
import type { Run } from "@kiwimesh/sdk";
import { useCallback, useState } from "react";

import { timeOfDay } from "../state/clock.ts";
import { Button } from "../ui/button.tsx";
import { Debrief } from "./debrief.tsx";
import { useRead, useRoom } from "./http.ts";
import { Heading, INPUT, PANEL, State, Table } from "./parts.tsx";
import { strings } from "./strings.ts";

const PAGE = 100;

export function Runs({ runId, onOpen }: { runId: string | null; onOpen: (runId: string | null) => void }) {
  const { http, roles } = useRoom();
  const trainer = roles.includes("trainer");
  const [of, setOf] = useState("");
  const people = useRead(
    useCallback(async () => (trainer ? (await http.call("list_trainees")).body.trainees : []), [http, trainer]),
  ).value;
  const ask = useCallback(
    () => http.call("list_training_runs", { query: { limit: PAGE, trainee_id: of || null } }).then(({ body }) => body.runs),
    [http, of],
  );
  const { value, problem, again } = useRead(ask);
  const nameOf = (id: string) => people?.find(({ person_id }) => person_id === id)?.name ?? id;
  const back = () => {
    onOpen(null);
    again();
  };
  if (runId !== null) return <Debrief runId={runId} nameOf={nameOf} onBack={back} />;
  const alone = of !== "" || !trainer;
  return (
    <section className={PANEL}>
      <div className="flex items-end justify-between gap-4">
        <Heading>{strings.runs.title}</Heading>
        {trainer && (
          <label className="mb-3 w-64 text-[13px] font-medium text-soft">
            {strings.runs.of}
            <select value={of} onChange={({ target }) => setOf(target.value)} data-testid="runs-of" className={INPUT}>
              <option value="">{strings.runs.all}</option>
              {people?.map(({ person_id, name }) => (
                <option key={person_id} value={person_id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <State value={value} problem={problem} empty={`${strings.runs.none} ${strings.runs.noneAbout}`} />
      {alone && value && value.length > 1 && <Trend runs={value} name={of ? nameOf(of) : ""} />}
      {value && value.length > 0 && (
        <Table heads={strings.runs.columns}>
          {value.map((run) => (
            <tr key={run.run_id} data-testid="run">
              <td className="tabular-nums">
                {run.at.slice(0, 10)} {timeOfDay(run.at)}
              </td>
              <td>{run.title}</td>
              <td>{nameOf(run.trainee_id)}</td>
              <td className="tabular-nums">{strings.debrief.score(run.score)}</td>
              <td>
                <Result run={run} />
              </td>
              <td>
                <Button size="small" data-testid="open-run" onClick={() => onOpen(run.run_id)}>
                  {strings.runs.open}
                  <span className="sr-only">{run.title}</span>
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

export function Result({ run }: { run: Run }) {
  const marks = [run.overruled ? strings.runs.overruled : "", run.countersigned ? strings.runs.signed : strings.runs.unsigned];
  return (
    <>
      <strong className={run.passed ? "text-good" : "text-warn"}>{run.passed ? strings.runs.passed : strings.runs.failed}</strong>{" "}
      <span className="text-soft">{marks.filter(Boolean).join(", ")}</span>
    </>
  );
}

const WIDE = 600;
const HIGH = 80;

/** Scores over time, oldest left; the words say the same. */
function Trend({ runs, name }: { runs: readonly Run[]; name: string }) {
  const scores = runs.map(({ score }) => score).reverse();
  const step = WIDE / Math.max(1, scores.length - 1);
  const points = scores.map((score, index) => `${(index * step).toFixed(1)},${(HIGH - (score / 100) * HIGH).toFixed(1)}`);
  return (
    <figure className="mb-4">
      <figcaption className="text-[13px] font-medium">{name ? strings.runs.trend(name) : strings.runs.title}</figcaption>
      <svg viewBox={`-6 -6 ${WIDE + 12} ${HIGH + 12}`} className="mt-1 h-24 w-full max-w-2xl" role="img" data-testid="trend"
        aria-label={strings.runs.trendAbout(scores.map((score) => score.toFixed(0)).join(", "))}>
        <path d={`M0 0H${WIDE}M0 ${HIGH}H${WIDE}`} stroke="var(--line)" />
        <polyline points={points.join(" ")} fill="none" stroke="var(--accent)" strokeWidth="2" />
        {points.map((point) => (
          <circle key={point} cx={point.split(",")[0]} cy={point.split(",")[1]} r="3.5" fill="var(--accent)" />
        ))}
      </svg>
    </figure>
  );
}
