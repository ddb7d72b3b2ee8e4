/** Who is at the desk: finds out whether somebody is signed in, and shows the sign-in page or the desk. */
import { ProblemError, SessionClient, type Session } from "@kiwimesh/sdk";
import { useCallback, useEffect, useState } from "react";

import { DeskScreen } from "./screens/desk.tsx";
import { Gate } from "./screens/gate.tsx";
import { SignIn } from "./screens/sign-in.tsx";
import { strings } from "./strings.ts";

const session = new SessionClient();
const TRY_AGAIN_MS = 3000;

type Who = "checking" | "unreachable" | "nobody" | Session;

export function App() {
  const [who, setWho] = useState<Who>("checking");

  const check = useCallback(() => {
    session.refresh().then(setWho, (error: unknown) => setWho(isUnreachable(error) ? "unreachable" : "nobody"));
  }, []);

  useEffect(check, [check]);
  useEffect(() => {
    if (who !== "unreachable") return;
    const timer = setInterval(check, TRY_AGAIN_MS);
    return () => clearInterval(timer);
  }, [who, check]);

  if (who === "checking") return <Gate title={strings.gate.checking} busy />;
  if (who === "unreachable") return <Gate title={strings.gate.unreachable} about={strings.gate.unreachableAbout} busy />;
  if (who === "nobody") return <SignIn session={session} onDone={setWho} />;
  return <DeskScreen session={session} onSignedOut={() => setWho("nobody")} />;
}

function isUnreachable(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.problem.retryable;
}
