import type { Known, PlaceCandidate, PlaceView } from "@kiwimesh/sdk";

import * as dispatching from "../state/dispatching.ts";
import { timeOfDay } from "../state/clock.ts";
import { useConsole, useDesk, type ShownCall } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";

/** More than these are not read during a call. */
const MOST_CANDIDATES = 3;

/** Where it is, and what is known of the number and the place. Not there where nothing is known. */
export function Where({ call: { callId, summary, view } }: { call: ShownCall }) {
  const known = useConsole((state) => state.board.known.get(callId) ?? null);
  const candidates = useConsole((state) => state.board.places.get(callId) ?? null);
  const choosable = view.place === null && summary !== null && summary.state !== "ringing";
  return (
    <>
      {known && <WhatIsKnown known={known} />}
      {view.place && (
        <p role="status" data-testid="place-confirmed" className="flex shrink-0 items-center gap-1.5 border-b border-line px-4 py-1 text-[13px]">
          <Icon name="check" className="size-4 shrink-0 text-good" />
          {strings.place.confirmed(view.place.label)}
        </p>
      )}
      {choosable && candidates && <Candidates candidates={candidates.slice(0, MOST_CANDIDATES)} />}
    </>
  );
}

function Candidates({ candidates }: { candidates: readonly PlaceCandidate[] }) {
  const desk = useDesk();
  if (candidates.length === 0) return <p className="shrink-0 border-b border-line px-4 py-1 text-[13px] text-soft">{strings.place.none}</p>;
  return (
    <div role="status" data-testid="places" className="shrink-0 border-b border-line bg-mark px-4 py-1 text-[13px]">
      <ul aria-label={strings.place.maybe}>
        {candidates.map(({ place, score }, index) => (
          <li key={place.place_id} className="flex items-center gap-2 py-0.5">
            <Icon name="pin" className="size-4 shrink-0" />
            <span className="min-w-0 flex-1 truncate">
              <span className="font-medium">{place.label}</span> · {Math.round(score * 100)} %
            </span>
            <Button
              size="small"
              className="h-6"
              {...(index === 0 ? { shortcut: "Y" } : {})}
              data-testid="place-confirm"
              onClick={() => dispatching.confirmPlace(desk, place.place_id)}
            >
              {strings.place.confirm}
              <span className="sr-only">{place.label}</span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function WhatIsKnown({ known: { resident, place, notes, earlier } }: { known: Known }) {
  if (!resident && !place && notes.length === 0 && earlier.length === 0) return null;
  return (
    <section aria-label={strings.known.label} data-testid="known" className="max-h-[18vh] shrink-0 overflow-y-auto border-b border-line bg-raised px-4 py-1.5 text-[13px]">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {resident && <span className="font-medium">{resident.name}</span>}
        {resident?.flat && <span>{strings.known.flat(resident.flat)}</span>}
        {resident?.community && <span className="text-soft">{resident.community}</span>}
        {place && <span className="text-soft">{place.label}</span>}
      </p>
      <ul className="mt-0.5 space-y-0.5">
        {notes.map((note) => (
          <Fact key={`${note.kind}:${note.words}`} kind={strings.known.note[note.kind]} words={note.words} warn={note.kind === "allergy" || note.kind === "hazard"} />
        ))}
        {place && <PlaceFacts place={place} />}
      </ul>
      {earlier.length > 0 && (
        <details className="mt-0.5">
          <summary className="text-soft">{strings.known.earlier(earlier.length)}</summary>
          <ul>
            {earlier.map((call) => (
              <li key={call.call_id} className="text-soft">
                {new Date(call.started_at).toLocaleDateString("en-GB")} {timeOfDay(call.started_at)} · {strings.category.title(call.category)} {call.headline}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function PlaceFacts({ place }: { place: PlaceView }) {
  return (
    <>
      {place.hazards && <Fact kind={strings.known.hazard} words={place.hazards} warn />}
      {place.access_notes && <Fact kind={strings.known.access} words={place.access_notes} warn={false} />}
    </>
  );
}

function Fact({ kind, words, warn }: { kind: string; words: string; warn: boolean }) {
  return (
    <li className="flex items-baseline gap-1.5">
      <Badge tone={warn ? "warn" : "plain"}>{kind}</Badge>
      <span className="min-w-0">{words}</span>
    </li>
  );
}
