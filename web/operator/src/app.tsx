/** Who is at the desk: finds out whether somebody is signed in, and shows the sign-in page or the desk. */
import { mayAsk, ProblemError, SessionClient, Tabs, type Session } from "@kiwimesh/sdk";
import { lazy, Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";

import { DeskScreen } from "./screens/desk.tsx";
import { Gate } from "./screens/gate.tsx";
import { LastKnownPanel } from "./screens/last-known.tsx";
import { SignIn } from "./screens/sign-in.tsx";
import { forget } from "./state/last-known.ts";
import { strings } from "./strings.ts";

const TrainingRoom = lazy(() => import("./trainer/room.tsx"));
const ProtocolRoom = lazy(() => import("./protocols/room.tsx"));
const session = new SessionClient();
/** Where somebody with a console goes to train, or to review calls. */
const ROOM = "#training";
/** Where protocols are read and signed. */
const PROTOCOLS = "#protocols";
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

  const address = useSyncExternalStore(watchAddress, () => location.hash);

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
  if (address === PROTOCOLS || beyondCalls(who)) {
    return (
      <Suspense fallback={<Gate title={strings.gate.checking} busy />}>
        <ProtocolRoom session={session} onSignOut={signOut} />
      </Suspense>
    );
  }
  if (address === ROOM || withoutSeat(who)) {
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

/** People of a hospital have no console either; what may concern them here is that they sign protocols. */
function beyondCalls({ me: { roles } }: Session): boolean {
  return mayAsk(roles, "list_protocols") && !["trainer", "operator", "supervisor"].some((role) => roles.includes(role));
}

function watchAddress(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

function isUnreachable(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.problem.retryable;
}
