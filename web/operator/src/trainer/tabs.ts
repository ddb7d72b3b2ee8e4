/** The parts of the trainers' room, and who is let into which. */
import { mayAsk } from "@kiwimesh/sdk";

const NEEDS = { exercises: "request_exercise", runs: "list_training_runs", review: "list_reviewed_calls" } as const;

export type RoomTab = keyof typeof NEEDS;

export function tabsOf(roles: readonly string[]): readonly RoomTab[] {
  return (Object.keys(NEEDS) as RoomTab[]).filter((name) => mayAsk(roles, NEEDS[name]));
}
