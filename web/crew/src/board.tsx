/** What a crew works with: offers, the mission, the next step, and what the server does not have yet. */
import type { Offer, UnitState, UnitView } from "@kiwimesh/sdk";

import type { Crew, CrewState } from "./crew.ts";
import { clock, useSecond, useStore, useTaps } from "./hooks.ts";
import { CARD, PLAIN, SOLID } from "./looks.ts";
import { MissionCard } from "./mission.tsx";
import { COURSE, NEXT, shown, type Shown } from "./steps.ts";
import { strings } from "./strings.ts";
import type { Tap } from "./taps.ts";

export function Board({ crew, state, unit }: { crew: Crew; state: CrewState; unit: UnitView }) {
  const { waiting } = useTaps(crew);
  const now = shown(unit, waiting);
  const answered = new Set(waiting.flatMap(({ deed }) => (deed.kind === "offer" ? [deed.offerId] : [])));
  const offers = state.offers.filter(({ offer_id }) => !answered.has(offer_id));
  return (
    <>
      {unit.exercise && <p className="rounded-lg border-2 border-dashed px-3 py-1 text-center font-bold tracking-widest uppercase">{strings.exercise}</p>}
      <Unsent crew={crew} />
      {offers.map((offer) => (
        <OfferCard key={offer.offer_id} crew={crew} offer={offer} />
      ))}
      {unit.incident_id && state.mission?.incident && <MissionCard mission={state.mission} urgent={unit.urgent} />}
      <Status crew={crew} unit={unit} now={now} />
      <Duty crew={crew} now={now} several={state.units.length !== 1} />
      {state.problem && (
        <p role="alert" className="rounded-lg bg-warn-tint px-3 py-2 text-warn">
          {state.problem.message} {state.problem.way_out}
        </p>
      )}
    </>
  );
}

function OfferCard({ crew, offer }: { crew: Crew; offer: Offer }) {
  useSecond();
  const left = Math.max(0, Math.ceil((Date.parse(offer.expires_at) - crew.serverNow()) / 1000));
  const answer = (accept: boolean) => crew.tap({ kind: "offer", offerId: offer.offer_id, accept });
  return (
    <section role="alert" data-testid="offer" className={`${CARD} border-2 border-accent`}>
      <div className="flex items-baseline justify-between gap-3">
        <h2 className="text-lg font-semibold">{strings.offer.title}</h2>
        <p className="text-2xl font-bold tabular-nums" data-testid="offer-left" aria-live="off">
          {left > 0 ? strings.offer.left(left) : strings.offer.over}
        </p>
      </div>
      <p className="mt-1 font-semibold">{strings.category(offer.category)}</p>
      <p className="text-lg">{offer.place || strings.offer.noPlace}</p>
      <div className="mt-4 grid grid-cols-2 gap-3">
        <button type="button" disabled={left === 0} data-testid="decline" onClick={() => answer(false)} className={PLAIN}>
          {strings.offer.decline}
        </button>
        <button type="button" disabled={left === 0} data-testid="accept" onClick={() => answer(true)} className={SOLID}>
          {strings.offer.accept}
        </button>
      </div>
    </section>
  );
}

function Status({ crew, unit, now }: { crew: Crew; unit: UnitView; now: Shown }) {
  const report = (state: UnitState) => crew.tap({ kind: "report", state, incidentId: unit.incident_id });
  const next = NEXT[now.state];
  const reached = COURSE.indexOf(now.state);
  return (
    <section className={CARD} aria-labelledby="status">
      <h2 id="status" className="flex items-baseline justify-between text-lg font-semibold">
        <span data-testid="state" data-state={now.state} data-ahead={now.ahead}>
          {strings.state[now.state]}
        </span>
        {!now.ahead && <span className="text-sm font-normal text-soft">{strings.since(clock(unit.state_since))}</span>}
      </h2>
      {reached >= 0 && (
        <div aria-hidden="true" className="mt-3 flex gap-1">
          {COURSE.map((step, index) => (
            <span key={step} className={`h-1.5 flex-1 rounded-full ${index <= reached ? "bg-accent" : "bg-accent-tint"}`} />
          ))}
        </div>
      )}
      {now.state === "available" && <p className="mt-1 text-soft">{now.onDuty ? strings.duty.free : strings.duty.offAbout}</p>}
      <div className="mt-4 grid gap-3 empty:hidden">
        {next.map((state, index) => (
          <button key={state} type="button" data-testid={`report-${state}`} onClick={() => report(state)} className={index === 0 ? SOLID : PLAIN}>
            {strings.report[state]}
          </button>
        ))}
      </div>
    </section>
  );
}

function Duty({ crew, now, several }: { crew: Crew; now: Shown; several: boolean }) {
  const sharing = useStore(crew.positions.sharing);
  const free = now.state === "available" || now.state === "clear";
  const share = () => (sharing === "on" || sharing === "waiting" ? crew.positions.stop() : crew.positions.start());
  return (
    <section className="grid gap-3">
      {now.onDuty && (
        <button type="button" data-testid="share" data-sharing={sharing} disabled={sharing === "denied"} onClick={share} className={`${PLAIN} text-base`}>
          {strings.sharing[sharing]}
        </button>
      )}
      {free && (
        <button
          type="button"
          data-testid="duty"
          data-on={now.onDuty}
          onClick={() => crew.tap({ kind: "duty", onDuty: !now.onDuty })}
          className={now.onDuty ? `${PLAIN} text-base` : SOLID}
        >
          {now.onDuty ? strings.duty.goOff : strings.duty.goOn}
        </button>
      )}
      {free && several && (
        <button type="button" onClick={() => crew.change()} className="h-11 text-soft underline">
          {strings.choose.other}
        </button>
      )}
    </section>
  );
}

/** Taps that wait, each with its time, and those that the server did not take. */
function Unsent({ crew }: { crew: Crew }) {
  const { waiting, refused } = useTaps(crew);
  return (
    <>
      {waiting.length > 0 && (
        <section role="status" data-testid="unsent" data-count={waiting.length} className="rounded-lg bg-warn-tint px-3 py-2 text-warn">
          <p className="font-semibold">{strings.unsent.title(waiting.length)}</p>
          <ol className="text-sm">
            {waiting.map((tap) => (
              <li key={tap.key}>
                {clock(tap.at)} {words(tap)}
              </li>
            ))}
          </ol>
        </section>
      )}
      {refused.map(({ tap, problem }) => (
        <section key={tap.key} role="alert" data-testid="refused" className="rounded-lg border-2 border-warn px-3 py-2">
          <p className="font-semibold">{strings.unsent.refused(words(tap), clock(tap.at))}</p>
          <p className="text-sm">{problem.message}</p>
          <button type="button" onClick={() => crew.taps.get()?.dismiss(tap.key)} className="mt-1 h-11 font-semibold underline">
            {strings.unsent.dismiss}
          </button>
        </section>
      ))}
    </>
  );
}

function words({ deed }: Tap): string {
  if (deed.kind === "report") return strings.state[deed.state];
  if (deed.kind === "duty") return deed.onDuty ? strings.duty.on : strings.duty.off;
  return deed.accept ? strings.unsent.accept : strings.unsent.decline;
}
