/** An exercise as it runs: its log is asked for from the last line on, and folded as a console folds it. */
import { EMPTY_CALL, foldCall, type CallView, type ExerciseDetail, type Problem, type HttpClient } from "@kiwimesh/sdk";
import { useEffect, useState } from "react";

import { problemOf } from "./http.ts";

const EVERY_MS = 1000;

export interface Followed {
  readonly exercise: ExerciseDetail | null;
  readonly view: CallView;
  readonly problem: Problem | null;
}

const NOTHING: Followed = { exercise: null, view: EMPTY_CALL, problem: null };

export function useExercise(http: HttpClient, exerciseId: string): Followed {
  const [followed, setFollowed] = useState(NOTHING);
  useEffect(() => {
    let open = true;
    let view = EMPTY_CALL;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const ask = async () => {
      try {
        const { body } = await http.call("follow_exercise", { path: { exercise_id: exerciseId }, query: { after_seq: view.lastSeq } });
        view = foldCall(body.entries, view);
        if (open) setFollowed({ exercise: body.exercise, view, problem: null });
      } catch (error) {
        if (open) setFollowed((before) => ({ ...before, problem: problemOf(error) }));
      }
      if (open) timer = setTimeout(() => void ask(), EVERY_MS);
    };
    void ask();
    return () => {
      open = false;
      if (timer) clearTimeout(timer);
    };
  }, [http, exerciseId]);
  return followed;
}
