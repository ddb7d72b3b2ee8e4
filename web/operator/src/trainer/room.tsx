/** The trainers' room, and the review of real calls: pages beside the console, for those whose role has no seat or wants none. */
import type { SessionClient } from "@kiwimesh/sdk";
import { useMemo, useState } from "react";

import { BrandMark } from "../screens/gate.tsx";
import { Button } from "../ui/button.tsx";
import { Exercises } from "./exercises.tsx";
import { RoomContext, roomOf } from "./http.ts";
import { Review } from "./review.tsx";
import { Runs } from "./runs.tsx";
import { strings } from "./strings.ts";
import { tabsOf, type RoomTab } from "./tabs.ts";

interface TrainingRoomProps {
  readonly session: SessionClient;
  readonly onSignOut: () => void;
}

export default function TrainingRoom({ session, onSignOut }: TrainingRoomProps) {
  const room = useMemo(() => roomOf(session), [session]);
  const tabs = tabsOf(room.roles);
  const [tab, setTab] = useState<RoomTab>(tabs[0] ?? "runs");
  const [runId, setRunId] = useState<string | null>(null);
  const desk = room.roles.includes("operator") || room.roles.includes("supervisor");
  const debrief = (id: string) => {
    setRunId(id);
    setTab("runs");
  };

  return (
    <RoomContext value={room}>
      <div className="min-h-full" data-testid="training-room">
        <header className="flex h-12 items-center gap-4 border-b border-line bg-surface px-4 print:hidden">
          <BrandMark className="size-5 shrink-0" />
          <h1 className="font-semibold tracking-tight">{strings.title}</h1>
          <nav aria-label={strings.title} className="flex flex-1 gap-1">
            {tabs.map((name) => (
              <Button key={name} look={name === tab ? "strong" : "quiet"} aria-current={name === tab ? "page" : undefined} data-testid={`room-${name}`} onClick={() => setTab(name)}>
                {strings.tabs[name]}
              </Button>
            ))}
          </nav>
          {desk && (
            <a href="#" className="text-[13px] underline">
              {strings.toDesk}
            </a>
          )}
          <Button look="quiet" onClick={onSignOut}>
            {strings.signOut}
          </Button>
        </header>
        <main className="mx-auto grid max-w-6xl gap-4 p-4">
          {tab === "exercises" && <Exercises onDebrief={debrief} />}
          {tab === "runs" && <Runs runId={runId} onOpen={setRunId} />}
          {tab === "review" && <Review />}
        </main>
      </div>
    </RoomContext>
  );
}
