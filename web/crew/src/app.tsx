import type { UnitView } from "@kiwimesh/sdk";
import { useEffect, useMemo } from "react";

import { Board } from "./board.tsx";
import { Crew, type CrewState } from "./crew.ts";
import { clock, useStore, useTaps } from "./hooks.ts";
import { SignIn } from "./sign-in.tsx";
import { strings } from "./strings.ts";
import { BUTTON, CARD } from "./looks.ts";

export function App() {
  const crew = useMemo(() => new Crew(), []);
  useEffect(() => {
    crew.start();
    return () => crew.stop();
  }, [crew]);
  const state = useStore(crew.state);

  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-lg flex-col gap-4 px-4 pt-4 pb-10">
      <Head crew={crew} state={state} />
      {state.phase === "opening" && <p role="status">{strings.opening}</p>}
      {state.phase === "sign_in" && <SignIn crew={crew} />}
      {state.phase === "choose" && <Choose crew={crew} units={state.units} live={state.link === "live"} />}
      {state.phase === "on" && state.unit && <Board crew={crew} state={state} unit={state.unit} />}
    </main>
  );
}

function Head({ crew, state }: { crew: Crew; state: CrewState }) {
  const inside = state.phase === "choose" || state.phase === "on";
  return (
    <header>
      <div className="flex items-baseline justify-between gap-3">
        <h1 className="text-2xl font-bold tracking-tight" data-testid="call-sign">
          {state.unit?.call_sign ?? strings.product}
        </h1>
        {inside && <SignOut crew={crew} name={state.name} />}
      </div>
      {inside && <Line state={state} />}
    </header>
  );
}

/** Whether the page is connected, and if not, how old what it shows is. */
function Line({ state }: { state: CrewState }) {
  const away = state.link === "away";
  const time = state.heardAt ? clock(state.heardAt) : "";
  return (
    <div
      role="status"
      data-testid="link"
      data-state={state.link}
      className={away ? "mt-2 rounded-lg bg-warn-tint px-3 py-2 text-warn" : "text-sm text-good"}
    >
      <p className={away ? "font-semibold" : ""}>{away ? strings.link.away(time) : strings.link[state.link as "live" | "connecting"]}</p>
      {away && <p className="text-sm">{strings.link.awayAbout}</p>}
    </div>
  );
}

function SignOut({ crew, name }: { crew: Crew; name: string }) {
  const { waiting } = useTaps(crew);
  const leave = () => {
    if (waiting.length === 0 || confirm(strings.signOutUnsent(waiting.length))) void crew.signOut();
  };
  return (
    <button type="button" onClick={leave} className="text-sm text-soft underline">
      {strings.signOut} <span className="sr-only">{name}</span>
    </button>
  );
}

function Choose({ crew, units, live }: { crew: Crew; units: readonly UnitView[]; live: boolean }) {
  return (
    <section className={CARD} aria-labelledby="choose">
      <h2 id="choose" className="text-lg font-semibold">
        {strings.choose.title}
      </h2>
      {live && units.length === 0 && (
        <p className="mt-2 text-soft">
          {strings.choose.none}. {strings.choose.noneAbout}
        </p>
      )}
      <ul className="mt-3 grid gap-2">
        {units.map((unit) => (
          <li key={unit.unit_id}>
            <button type="button" data-testid={`unit-${unit.unit_id}`} onClick={() => crew.choose(unit)} className={`${BUTTON} w-full justify-between border-2 border-line`}>
              {unit.call_sign}
              {unit.exercise && <span className="text-sm font-bold tracking-widest uppercase">{strings.exercise}</span>}
              <span className="text-sm font-normal text-soft">{unit.on_duty ? strings.duty.on : strings.duty.off}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
