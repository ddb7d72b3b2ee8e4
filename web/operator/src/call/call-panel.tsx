import * as Tabs from "@radix-ui/react-tabs";

import { useShownCall, useStore, type ShownCall } from "../state/hooks.ts";
import { change, view, type Tab } from "../state/view.ts";
import { strings } from "../strings.ts";
import { CallHeader } from "./call-header.tsx";
import { HandOverOffer } from "./hand-over.tsx";
import { NoteForm, Notes } from "./notes.tsx";
import { SameIncident } from "./same-incident.tsx";
import { SayNow } from "./say-now.tsx";
import { Timeline } from "./timeline.tsx";
import { Transcript } from "./transcript.tsx";
import { OthersOnCall } from "./others-on-call.tsx";
import { PlaybackBar } from "./playback-bar.tsx";
import { Where } from "../place/where.tsx";
import { SmallMap } from "../map/small-map.tsx";
import { HelpStrip } from "../units/help-strip.tsx";

export function CallPanel() {
  const call = useShownCall();
  return (
    <section aria-label={strings.call.tabs.transcript} className="flex min-h-0 flex-col bg-surface">
      {call ? <OpenCall call={call} /> : <NoCall />}
    </section>
  );
}

function NoCall() {
  return (
    <div className="m-auto max-w-xs p-8 text-center">
      <p className="text-base font-medium">{strings.call.none}</p>
      <p className="mt-1 text-soft">{strings.call.noneAbout}</p>
    </div>
  );
}

function OpenCall({ call }: { call: ShownCall }) {
  const { tab } = useStore(view);
  const counts: Partial<Record<Tab, number>> = { notes: call.view.notes.length };
  return (
    <>
      <CallHeader call={call} />
      <OthersOnCall call={call} />
      <Where call={call} />
      <HelpStrip call={call} />
      <SameIncident call={call} />
      <HandOverOffer offer={call.view.card?.hand_over ?? null} />
      <Tabs.Root value={tab} onValueChange={(next) => change({ tab: next as Tab })} className="flex min-h-0 flex-1 flex-col">
        <Tabs.List aria-label={strings.call.tabs.transcript} className="flex h-9 shrink-0 gap-1 border-b border-line px-3">
          {(Object.keys(strings.call.tabs) as Tab[]).map((name) => (
            <Tabs.Trigger
              key={name}
              value={name}
              className="-mb-px border-b-2 border-transparent px-2 text-[13px] font-medium text-soft hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
            >
              {strings.call.tabs[name]}
              {Boolean(counts[name]) && <span className="ml-1 text-xs font-normal text-soft">{counts[name]}</span>}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="transcript" className="flex min-h-0 flex-1 flex-col" tabIndex={-1}>
          <Transcript call={call} />
        </Tabs.Content>
        <Tabs.Content value="timeline" className="min-h-0 flex-1 overflow-y-auto -outline-offset-2">
          <Timeline entries={call.view.timeline} />
        </Tabs.Content>
        <Tabs.Content value="map" className="flex min-h-0 flex-1 flex-col -outline-offset-2">
          <SmallMap />
        </Tabs.Content>
        <Tabs.Content value="notes" className="min-h-0 flex-1 overflow-y-auto -outline-offset-2">
          <Notes notes={call.view.notes} />
        </Tabs.Content>
      </Tabs.Root>
      <PlaybackBar callId={call.callId} />
      {call.view.card && call.view.ended === null && <SayNow card={call.view.card} />}
      <NoteForm callId={call.callId} />
    </>
  );
}
