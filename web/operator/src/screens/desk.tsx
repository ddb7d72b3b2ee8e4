import type { SessionClient } from "@kiwimesh/sdk";
import { useEffect, useMemo } from "react";

import { CallPanel } from "../call/call-panel.tsx";
import { CardPanel } from "../card/card-panel.tsx";
import { Queue } from "../queue/queue.tsx";
import { RingPop } from "../queue/ring-pop.tsx";
import { TransferPop } from "../queue/transfer-pop.tsx";
import { Desk } from "../state/desk.ts";
import { DeskContext, useConsole, useDesk, useStore } from "../state/hooks.ts";
import { useKeys } from "../state/keys.ts";
import { strings } from "../strings.ts";
import { Alarms } from "../top/alarms.tsx";
import { Notices } from "../top/notices.tsx";
import { SystemMessages } from "../top/system-messages.tsx";
import { SurgeStrip } from "../top/surge-strip.tsx";
import { TopStrip } from "../top/top-strip.tsx";
import { UndoBar } from "../top/undo-bar.tsx";
import { Button } from "../ui/button.tsx";
import { UnitsPanel } from "../units/units-panel.tsx";
import { Welfare } from "../units/welfare.tsx";
import { DisposeWindow } from "../windows/dispose.tsx";
import { KeyInWindow } from "../windows/key-in.tsx";
import { KeysWindow } from "../windows/keys.tsx";
import { OverrideWindow } from "../windows/override.tsx";
import { ReasonWindow } from "../windows/reason.tsx";
import { ReferWindow } from "../windows/refer.tsx";
import { TransferWindow } from "../windows/transfer.tsx";
import { Gate } from "./gate.tsx";

interface DeskScreenProps {
  readonly session: SessionClient;
  /** The operator signs out, here and in the browser's other tabs. */
  readonly onSignOut: () => void;
  readonly onSignedOut: () => void;
}

export function DeskScreen({ session, onSignOut, onSignedOut }: DeskScreenProps) {
  const desk = useMemo(() => new Desk(session), [session]);
  useEffect(() => {
    desk.open();
    return () => desk.close();
  }, [desk]);

  const signOut = () => {
    desk.connection.forget();
    onSignOut();
  };

  return (
    <DeskContext value={desk}>
      <Entrance onSignOut={signOut} onSignedOut={onSignedOut} />
    </DeskContext>
  );
}

/** The desk, or the reason why it cannot be used. */
function Entrance({ onSignOut, onSignedOut }: { onSignOut: () => void; onSignedOut: () => void }) {
  const desk = useDesk();
  const { state, problem } = useStore(desk.connection.link);
  const ready = useConsole((known) => known.ready);
  useEffect(() => {
    if (state === "signed_out") onSignedOut();
  }, [state, onSignedOut]);

  if (state === "refused") {
    return (
      <Gate title={strings.gate.refused} about={strings.gate.refusedAbout}>
        <Button onClick={onSignOut}>{strings.strip.signOut}</Button>
      </Gate>
    );
  }
  if (state === "superseded") {
    return (
      <Gate title={strings.gate.superseded} about={strings.gate.supersededAbout}>
        <Button look="solid" onClick={() => desk.connection.takeOver()}>
          {strings.gate.takeOver}
        </Button>
      </Gate>
    );
  }
  if (ready) return <Room onSignOut={onSignOut} />;
  return problem ? (
    <Gate title={problem.message} about={problem.way_out} busy>
      <Button onClick={onSignOut}>{strings.strip.signOut}</Button>
    </Gate>
  ) : (
    <Gate title={strings.gate.checking} busy />
  );
}

function Room({ onSignOut }: { onSignOut: () => void }) {
  const desk = useDesk();
  useKeys(desk);
  return (
    <div className="grid h-full min-w-[1080px] grid-rows-[auto_auto_minmax(0,1fr)]">
      <TopStrip onSignOut={onSignOut} />
      <div>
        <SystemMessages />
        <SurgeStrip />
        <Alarms />
        <TransferPop />
        <RingPop />
      </div>
      <main className="grid min-h-0 grid-cols-[minmax(270px,19vw)_minmax(0,1fr)_minmax(380px,29vw)] gap-px bg-line">
        <div className="flex min-h-0 flex-col bg-surface">
          <Queue />
          <Welfare />
          <UnitsPanel />
        </div>
        <CallPanel />
        <CardPanel />
      </main>
      <Notices />
      <UndoBar />
      <OverrideWindow />
      <DisposeWindow />
      <ReasonWindow />
      <ReferWindow />
      <TransferWindow />
      <KeyInWindow />
      <KeysWindow />
    </div>
  );
}
