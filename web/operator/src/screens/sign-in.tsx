import { ProblemError, type Problem, type Session, type SessionClient } from "@kiwimesh/sdk";
import { useState, type FormEvent } from "react";

import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Trouble } from "../ui/trouble.tsx";
import { Brand } from "./gate.tsx";

const INPUT =
  "mt-1 block h-10 w-full rounded-md border border-line-strong bg-surface px-3 text-[15px] text-ink placeholder:text-faint";

export function SignIn({ session, onDone }: { session: SessionClient; onDone: (session: Session) => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  /** The account wants a code of its authenticator app too. */
  const [wantsCode, setWantsCode] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      const code = String(form.get("code") ?? "").trim();
      onDone(await session.signIn(String(form.get("email")), String(form.get("password")), code || undefined));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const firstAsked = error.problem.code === "second_factor_needed" && !wantsCode;
      setWantsCode(wantsCode || firstAsked);
      setProblem(firstAsked ? null : error.problem);
      setBusy(false);
    }
  };

  return (
    <main className="grid h-full place-items-center p-6">
      <form onSubmit={(event) => void submit(event)} className="w-full max-w-sm rounded-xl border border-line bg-surface p-8 shadow-card">
        <Brand />
        <p className="mt-1 text-center text-[13px] text-soft">{strings.signIn.about}</p>
        <h1 className="mt-6 text-lg font-semibold">{strings.signIn.title}</h1>
        <label className="mt-4 block text-[13px] font-medium text-soft">
          {strings.signIn.email}
          <input name="email" type="email" required autoFocus autoComplete="username" data-testid="sign-in-email" className={INPUT} />
        </label>
        <label className="mt-3 block text-[13px] font-medium text-soft">
          {strings.signIn.password}
          <input
            name="password"
            type="password"
            required
            autoComplete="current-password"
            data-testid="sign-in-password"
            className={INPUT}
          />
        </label>
        {wantsCode && (
          <label className="mt-3 block text-[13px] font-medium text-soft">
            {strings.signIn.code}
            <input
              name="code"
              required
              autoFocus
              inputMode="numeric"
              autoComplete="one-time-code"
              data-testid="sign-in-code"
              className={INPUT}
            />
          </label>
        )}
        {problem && <Trouble className="mt-4" title={problem.message} about={problem.way_out} />}
        <Button type="submit" look="solid" disabled={busy} data-testid="sign-in-submit" className="mt-5 h-10 w-full text-[15px]">
          {busy ? strings.signIn.busy : strings.signIn.submit}
        </Button>
      </form>
    </main>
  );
}
