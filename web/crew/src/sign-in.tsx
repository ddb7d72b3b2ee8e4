import { ProblemError, type Problem } from "@kiwimesh/sdk";
import { useState, type FormEvent } from "react";

import type { Crew } from "./crew.ts";
import { useTaps } from "./hooks.ts";
import { CARD, SOLID } from "./looks.ts";
import { strings } from "./strings.ts";

const INPUT = "mt-1 block h-12 w-full rounded-lg border border-soft bg-surface px-3 text-lg";

export function SignIn({ crew }: { crew: Crew }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const { waiting } = useTaps(crew);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await crew.signIn(String(form.get("email")), String(form.get("password")));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setProblem(error.problem);
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} className={CARD}>
      <h2 className="text-lg font-semibold">{strings.signIn.title}</h2>
      {waiting.length > 0 && <p className="mt-1 text-warn">{strings.signIn.kept(waiting.length)}</p>}
      <label className="mt-4 block font-medium">
        {strings.signIn.email}
        <input name="email" type="email" required autoComplete="username" data-testid="sign-in-email" className={INPUT} />
      </label>
      <label className="mt-3 block font-medium">
        {strings.signIn.password}
        <input name="password" type="password" required autoComplete="current-password" data-testid="sign-in-password" className={INPUT} />
      </label>
      {problem && (
        <p role="alert" className="mt-3 rounded-lg bg-warn-tint px-3 py-2 text-warn">
          {problem.message} {problem.way_out}
        </p>
      )}
      <button type="submit" disabled={busy} data-testid="sign-in-submit" className={`${SOLID} mt-5 w-full`}>
        {busy ? strings.signIn.busy : strings.signIn.submit}
      </button>
    </form>
  );
}
