import type { IncidentView, Mission } from "@kiwimesh/sdk";
import type { ReactNode } from "react";

import { CARD, PLAIN } from "./looks.ts";
import { strings } from "./strings.ts";

/** Where to, how to get in, what is dangerous, and what the operators know. */
export function MissionCard({ mission, urgent }: { mission: Mission; urgent: boolean }) {
  const { incident, facts, notes } = mission;
  if (!incident) return null;
  const hazards = [mission.hazards, ...notes.filter(({ kind }) => kind === "hazard").map(({ words }) => words)].filter(Boolean);
  const access = [mission.access_notes, ...notes.filter(({ kind }) => kind === "access").map(({ words }) => words)].filter(Boolean);
  const others = notes.filter(({ kind }) => kind === "allergy" || kind === "condition");
  return (
    <section className={CARD} aria-labelledby="mission" data-testid="mission">
      <Category category={incident.category} urgent={urgent} />
      <h2 id="mission" className="mt-3 text-xl font-bold">
        {incident.nature || strings.mission.title}
      </h2>
      <p className="text-lg" data-testid="place">
        {incident.place || strings.mission.noPlace}
      </p>
      {hazards.length > 0 && (
        <Part title={strings.mission.hazards} look="mt-3 rounded-lg bg-warn-tint px-3 py-2 text-warn">
          <Lines of={hazards} />
        </Part>
      )}
      {access.length > 0 && (
        <Part title={strings.mission.access}>
          <Lines of={access} />
        </Part>
      )}
      <Route incident={incident} />
      {others.length > 0 && (
        <Part title={strings.mission.notes}>
          <Lines of={others.map(({ kind, words }) => `${strings.note[kind]}: ${words}`)} />
        </Part>
      )}
      {facts.length > 0 && (
        <Part title={strings.mission.heard} about={strings.mission.heardAbout}>
          <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-4" data-testid="facts">
            {facts.map(({ name, value }) => (
              <div key={name} className="contents">
                <dt className="text-soft">{strings.field[name]}</dt>
                <dd className="font-medium">{value}</dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
    </section>
  );
}

function Category({ category, urgent }: { category: number | null; urgent: boolean }) {
  return (
    <p className="flex items-center gap-3 font-semibold" data-testid="category" data-category={category ?? "unassessed"}>
      <span
        aria-hidden="true"
        className="grid size-11 place-items-center rounded-lg text-2xl font-bold text-surface"
        style={{ background: `var(--c${category ?? 0})` }}
      >
        {category ?? "?"}
      </span>
      <span>
        {strings.category(category)}
        <span className="block text-sm font-normal text-soft">{urgent ? strings.mission.lights : strings.mission.quiet}</span>
      </span>
    </p>
  );
}

/** A plain geo link: the phone's own navigation opens, whichever it is. */
function Route({ incident: { latitude, longitude } }: { incident: IncidentView }) {
  if (latitude === null || longitude === null) return <p className="mt-3 text-soft">{strings.mission.noRoute}</p>;
  const point = `${latitude},${longitude}`;
  return (
    <a href={`geo:${point}?q=${point}`} data-testid="route" className={`${PLAIN} mt-4`}>
      {strings.mission.route}
    </a>
  );
}

function Part({ title, about, look = "mt-3", children }: { title: string; about?: string; look?: string; children: ReactNode }) {
  return (
    <div className={look}>
      <h3 className="font-semibold">{title}</h3>
      {about && <p className="text-sm text-soft">{about}</p>}
      {children}
    </div>
  );
}

function Lines({ of }: { of: readonly string[] }) {
  return of.map((line) => <p key={line}>{line}</p>);
}
