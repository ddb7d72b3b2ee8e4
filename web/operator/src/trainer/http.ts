/** The room's requests: one client for all of it, and values that are read, read again, and read page by page. */
import { HttpClient, ProblemError, UNREACHABLE, type Problem, type SessionClient } from "@kiwimesh/sdk";
import { createContext, useCallback, useContext, useEffect, useState } from "react";

export interface Room {
  readonly http: HttpClient;
  readonly personId: string;
  readonly roles: readonly string[];
}

export const RoomContext = createContext<Room | null>(null);

export function useRoom(): Room {
  const room = useContext(RoomContext);
  if (!room) throw new Error("no room around this component");
  return room;
}

export function roomOf(session: SessionClient): Room {
  const me = session.current?.me;
  return { http: new HttpClient(session), personId: me?.person_id ?? "", roles: me?.roles ?? [] };
}

export interface Read<T> {
  readonly value: T | null;
  readonly problem: Problem | null;
  readonly again: () => void;
}

/** Reads once, again when `ask` changes, and every `everyMs` where that is given. What was read stays while it reads. */
export function useRead<T>(ask: () => Promise<T>, everyMs = 0): Read<T> {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let open = true;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const read = async () => {
      try {
        const got = await ask();
        if (!open) return;
        setValue(() => got);
        setProblem(null);
      } catch (error) {
        if (open) setProblem(problemOf(error));
      }
      if (open && everyMs > 0) timer = setTimeout(() => void read(), everyMs);
    };
    void read();
    return () => {
      open = false;
      if (timer) clearTimeout(timer);
    };
  }, [ask, everyMs, round]);
  return { value, problem, again: useCallback(() => setRound((count) => count + 1), []) };
}

/** Does something once at a time, and says why it was refused. */
export function useDeed(): { busy: boolean; problem: Problem | null; act: (deed: () => Promise<unknown>) => void } {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const act = (deed: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    deed()
      .catch((error: unknown) => setProblem(problemOf(error)))
      .finally(() => setBusy(false));
  };
  return { busy, problem, act };
}

export function problemOf(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : UNREACHABLE;
}
