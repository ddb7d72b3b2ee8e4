/** Who is at the desk: finds out whether somebody is signed in, and shows the sign-in page or the desk. */
import { ProblemError, SessionClient, Tabs, type Session } from "@kiwimesh/sdk";
import { lazy, Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";

import { DeskScreen } from "./screens/desk.tsx";
import { Gate } from "./screens/gate.tsx";
import { LastKnownPanel } from "./screens/last-known.tsx";
import { SignIn } from "./screens/sign-in.tsx";
import { forget } from "./state/last-known.ts";
import { strings } from "./strings.ts";

const TrainingRoom = lazy(() => import("./trainer/room.tsx"));
const session = new SessionClient();
/** Where somebody with a console goes to train, or to review calls. */
const ROOM = "#training";
const TRY_AGAIN_MS = 3000;

type Who = "checking" | "unreachable" | "nobody" | Session;

export function App() {
  const [who, setWho] = useState<Who>("checking");

  const check = useCallback(() => {
    session.refresh().then(setWho, (error: unknown) => setWho(isUnreachable(error) ? "unreachable" : "nobody"));
  }, []);

  const leave = useCallback(() => {
    forget(localStorage);
    setWho("nobody");
  }, []);
  const tabs = useRef<Tabs | null>(null);
  useEffect(() => {
    tabs.current = new Tabs(session, leave);
    return () => tabs.current?.close();
  }, [leave]);

  useEffect(check, [check]);
  useEffect(() => {
    if (who !== "unreachable") return;
    const timer = setInterval(check, TRY_AGAIN_MS);
    return () => clearInterval(timer);
  }, [who, check]);

  const asksForRoom = useSyncExternalStore(watchAddress, () => location.hash === ROOM);

  if (who === "checking") return <Gate title={strings.gate.checking} busy />;
  if (who === "unreachable") {
    return (
      <Gate title={strings.gate.unreachable} about={strings.gate.unreachableAbout} busy below={<LastKnownPanel />} />
    );
  }
  if (who === "nobody") return <SignIn session={session} onDone={setWho} />;
  const signOut = () => {
    void tabs.current?.signOut().catch(() => undefined);
    leave();
  };
  if (asksForRoom || withoutSeat(who)) {
    return (
      <Suspense fallback={<Gate title={strings.gate.checking} busy />}>
        <TrainingRoom session={session} onSignOut={signOut} />
      </Suspense>
    );
  }
  return <DeskScreen session={session} onSignOut={signOut} onSignedOut={leave} />;
}

/** A trainer who is nothing else has no console to open. */
function withoutSeat({ me: { roles } }: Session): boolean {
  return roles.includes("trainer") && !roles.includes("operator") && !roles.includes("supervisor");
}

function watchAddress(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

function isUnreachable(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.problem.retryable;
}
