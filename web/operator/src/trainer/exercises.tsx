/** What can be played, for whom, and the exercises that were asked for. */
import type { Exercise, ScenarioOffer } from "@kiwimesh/sdk";
import { useCallback, useState } from "react";

import { timeOfDay } from "../state/clock.ts";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";
import { Trouble } from "../ui/trouble.tsx";
import { useDeed, useRead, useRoom } from "./http.ts";
import { Heading, INPUT, PANEL, State, Table } from "./parts.tsx";
import { strings } from "./strings.ts";
import { Watch } from "./watch.tsx";

const LOOK_EVERY_MS = 3000;

export function Exercises({ onDebrief }: { onDebrief: (runId: string) => void }) {
  const [open, setOpen] = useState<string | null>(null);
  if (open !== null) return <Watch exerciseId={open} onBack={() => setOpen(null)} onDebrief={onDebrief} />;
  return (
    <>
      <Picker onStarted={setOpen} />
      <Recent onOpen={setOpen} />
    </>
  );
}

function Picker({ onStarted }: { onStarted: (exerciseId: string) => void }) {
  const { http } = useRoom();
  const offers = useRead(useCallback(() => http.call("list_scenarios").then(({ body }) => body), [http]), LOOK_EVERY_MS);
  const trainees = useRead(useCallback(() => http.call("list_trainees").then(({ body }) => body.trainees), [http]));
  const [search, setSearch] = useState("");
  const [picked, setPicked] = useState<string | null>(null);
  const [trainee, setTrainee] = useState("");
  const { busy, problem, act } = useDeed();
  const chosen = trainee || trainees.value?.[0]?.person_id || "";
  const start = () =>
    act(async () => {
      if (picked === null) return;
      const { body } = await http.call("request_exercise", { body: { scenario_id: picked, trainee_id: chosen } });
      onStarted(body.exercise_id);
    });
  return (
    <section className={PANEL}>
      <Heading>{strings.pick.title}</Heading>
      {offers.value?.player_there === false && <Trouble className="mb-3" title={strings.pick.nobody} about={strings.pick.nobodyAbout} />}
      <div className="mb-3 grid grid-cols-[1fr_16rem_auto] items-end gap-3">
        <label className="text-[13px] font-medium text-soft">
          {strings.pick.search}
          <input type="search" value={search} onChange={({ target }) => setSearch(target.value)} data-testid="scenario-search" className={INPUT} />
        </label>
        <label className="text-[13px] font-medium text-soft">
          {strings.pick.trainee}
          <select value={chosen} onChange={({ target }) => setTrainee(target.value)} data-testid="trainee" className={INPUT}>
            {trainees.value?.map(({ person_id, name }) => (
              <option key={person_id} value={person_id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Button look="solid" className="h-9" disabled={busy || picked === null || chosen === ""} data-testid="start-exercise" onClick={start}>
          {strings.pick.start}
        </Button>
      </div>
      {problem && <Trouble className="mb-3" title={problem.message} about={problem.way_out} />}
      <p className="mb-2 text-[13px] text-soft">{strings.pick.about}</p>
      <State value={offers.value?.scenarios ?? null} problem={offers.problem} empty={strings.pick.none} />
      <div className="max-h-80 overflow-y-auto" tabIndex={0} role="group" aria-label={strings.pick.scenario}>
        <Table heads={strings.pick.columns}>
          {offers.value?.scenarios
            .filter((offer) => matches(offer, search))
            .map((offer) => (
              <Offer key={offer.scenario_id} offer={offer} picked={offer.scenario_id === picked} onPick={() => setPicked(offer.scenario_id)} />
            ))}
        </Table>
      </div>
    </section>
  );
}

function Offer({ offer, picked, onPick }: { offer: ScenarioOffer; picked: boolean; onPick: () => void }) {
  return (
    <tr className={picked ? "bg-accent-tint" : ""}>
      <td>
        <label className="flex cursor-pointer gap-2">
          <input type="radio" name="scenario" checked={picked} onChange={onPick} data-testid={`scenario-${offer.scenario_id}`} />
          <CategoryMark category={offer.category} className="size-5" />
          <span>
            <span className="font-medium">{offer.title}</span>
            {picked && <span className="mt-1 block text-soft">{offer.brief}</span>}
          </span>
        </label>
      </td>
      <td>{offer.type.replaceAll("_", " ")}</td>
      <td>{offer.language}</td>
      <td>{strings.pick.manner(offer.emotion, offer.erratic)}</td>
      <td>{strings.pick.seconds(offer.longest_s)}</td>
    </tr>
  );
}

function matches({ title, type, language }: ScenarioOffer, search: string): boolean {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${title} ${type.replaceAll("_", " ")} ${language}`.toLowerCase();
  return wanted.every((word) => text.includes(word));
}

function Recent({ onOpen }: { onOpen: (exerciseId: string) => void }) {
  const { http } = useRoom();
  const { value, problem } = useRead(
    useCallback(() => http.call("list_exercises").then(({ body }) => body.exercises), [http]),
    LOOK_EVERY_MS,
  );
  return (
    <section className={PANEL}>
      <Heading>{strings.recent.title}</Heading>
      <State value={value} problem={problem} empty={strings.recent.none} />
      <ul className="grid gap-1">
        {value?.map((exercise) => (
          <li key={exercise.exercise_id}>
            <Line exercise={exercise} onOpen={() => onOpen(exercise.exercise_id)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Line({ exercise, onOpen }: { exercise: Exercise; onOpen: () => void }) {
  return (
    <button type="button" onClick={onOpen} className="grid w-full grid-cols-[5rem_1fr_auto] gap-3 rounded-md px-2 py-1.5 text-left hover:bg-raised">
      <span className="text-soft tabular-nums">{timeOfDay(exercise.requested_at)}</span>
      <span>
        {exercise.title} {exercise.problem && <span className="text-soft">({exercise.problem})</span>}
      </span>
      <span className="font-medium">{strings.state[exercise.state]}</span>
    </button>
  );
}
