import type { CallerState, Store } from "@kiwimesh/sdk";
import { useEffect, useMemo, useSyncExternalStore } from "react";

import { Call, type SourceState } from "./call.ts";
import { Samples } from "./samples.tsx";
import { strings } from "./strings.ts";

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

export function App() {
  const call = useMemo(() => new Call(), []);
  useEffect(() => {
    call.open();
    return () => call.close();
  }, [call]);
  const state = useStore(call.connection.state);
  const source = useStore(call.source);
  const idle = state.phase === "none" || state.phase === "ended";

  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-lg flex-col gap-6 px-5 py-8">
      <header>
        <h1 className="text-2xl font-bold tracking-tight">{strings.title}</h1>
        <p className="mt-1 text-[15px] text-soft">{strings.about}</p>
      </header>
      <PublicNumber number={state.publicNumber} />
      <section
        data-testid="phase"
        data-phase={state.phase}
        className="flex flex-col items-center gap-5 rounded-2xl border border-line bg-surface px-5 py-8 text-center"
      >
        <Phase state={state} source={source} />
        {state.offer ? <Offer call={call} message={state.offer.message} /> : <MainButton call={call} idle={idle} ended={state.phase === "ended"} />}
        {!idle && <Line state={state} source={source} />}
        {!idle && source.kind === "none" && !source.refusal && <GoOn call={call} />}
        <Troubles state={state} source={source} />
      </section>
      {idle && <Samples call={call} />}
    </main>
  );
}

/** Always there, whatever else works or not. Which number it is, the server says. */
function PublicNumber({ number }: { number: string }) {
  const look = "block rounded-xl border-2 border-line bg-surface px-4 py-3";
  const words = (
    <>
      <span className="block text-lg font-bold">{number ? strings.number(number) : strings.someNumber}</span>
      <span className="block text-sm text-soft">{strings.numberAbout}</span>
    </>
  );
  if (!number) return <div className={look}>{words}</div>;
  return (
    <a href={`tel:${number.replace(/[^0-9+]/g, "")}`} data-testid="public-number" className={`${look} hover:border-accent`}>
      {words}
    </a>
  );
}

function Phase({ state, source }: { state: CallerState; source: SourceState }) {
  if (state.phase === "none") return null;
  return (
    <div role="status" aria-live="assertive">
      <p className="text-xl font-semibold">{strings.phase[state.phase]}</p>
      {state.message && <p className="mt-1 text-soft">{state.message}</p>}
      {state.notice && <p className="mt-1 text-sm text-soft">{state.notice}</p>}
      {state.phase === "ringing" && source.kind !== "sample" && <p className="mt-1 text-sm text-soft">{strings.speak}</p>}
      {source.sample && <p className="mt-1 text-sm text-soft">{strings.samples.playing(source.sample.title)}</p>}
    </div>
  );
}

function MainButton({ call, idle, ended }: { call: Call; idle: boolean; ended: boolean }) {
  if (!idle) {
    return (
      <button
        type="button"
        data-testid="hang-up"
        onClick={() => call.connection.end()}
        className="h-14 rounded-full border-2 border-line bg-surface px-10 text-lg font-semibold hover:border-ink"
      >
        {strings.hangUp}
      </button>
    );
  }
  return (
    <div>
      <button
        type="button"
        data-testid="call-button"
        onClick={() => void call.callByMicrophone()}
        className="size-44 rounded-full bg-help text-2xl leading-tight font-bold text-white shadow-lg transition-transform hover:brightness-110 active:scale-95"
      >
        {ended ? strings.again : strings.call}
      </button>
      <p className="mt-4 text-sm text-soft">{strings.callAbout}</p>
    </div>
  );
}

function Offer({ call, message }: { call: Call; message: string }) {
  return (
    <div role="alert" className="grid justify-items-center gap-3">
      <p className="text-xl font-semibold">{strings.offer.title}</p>
      <p className="text-soft">{message}</p>
      <button
        type="button"
        data-testid="answer-call-back"
        onClick={() => void call.answerCallBack()}
        className="h-14 rounded-full bg-accent px-12 text-lg font-semibold text-accent-ink hover:brightness-110"
      >
        {strings.offer.answer}
      </button>
    </div>
  );
}

function GoOn({ call }: { call: Call }) {
  return (
    <div className="rounded-xl bg-accent-tint px-4 py-3">
      <p className="font-semibold">{strings.open.title}</p>
      <p className="text-sm text-soft">{strings.open.about}</p>
      <button
        type="button"
        data-testid="go-on"
        onClick={() => void call.goOn()}
        className="mt-3 h-11 rounded-full bg-accent px-6 font-semibold text-accent-ink"
      >
        {strings.open.resume}
      </button>
    </div>
  );
}

/** Whether the voice arrives: loudness, and how much is not on the server's disk yet. */
function Line({ state, source }: { state: CallerState; source: SourceState }) {
  const broken = state.link === "broken";
  return (
    <div className="w-full max-w-xs text-sm" data-testid="line" data-link={state.link}>
      {source.kind === "microphone" && (
        <div aria-hidden="true" className="mb-3 h-2 overflow-hidden rounded-full bg-accent-tint">
          <div className="h-full rounded-full bg-accent transition-[width] duration-75" style={{ width: `${source.level * 100}%` }} />
        </div>
      )}
      <p role="status" className={broken ? "rounded-lg bg-warn-tint px-3 py-2 text-warn" : "text-good"}>
        {broken ? strings.link.broken : strings.link[state.link]}
      </p>
      <p className="mt-1 text-soft" data-testid="unconfirmed" data-seconds={state.unconfirmedS}>
        {state.unconfirmedS > 1 ? strings.kept(state.unconfirmedS.toFixed(1)) : strings.allSent}
      </p>
    </div>
  );
}

function Troubles({ state, source }: { state: CallerState; source: SourceState }) {
  const { refusal } = source;
  const texts = [
    refusal === "sample" ? strings.samples.failed : refusal && strings.microphone.refused(refusal),
    state.problem && `${state.problem.message} ${state.problem.way_out}`,
  ].filter((text) => text !== null);
  return texts.map((text) => (
    <p key={text} role="alert" className="rounded-lg bg-warn-tint px-4 py-2 text-sm text-warn">
      {text}
    </p>
  ));
}
