import { localProblem, ProblemError, UNREACHABLE, type Problem } from "@kiwimesh/sdk";
import { beforeEach, describe, expect, it } from "vitest";

import { shown } from "../src/steps.ts";
import { TapQueue, type Deed, type Tap } from "../src/taps.ts";

class Memory {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

const UNIT = { unit_id: "u1", state: "assigned", on_duty: true } as Parameters<typeof shown>[0];
const report = (state: "acknowledged" | "en_route" | "on_scene"): Deed => ({ kind: "report", state, incidentId: "i1" });
const refusal = (code: Problem["code"]): Problem => ({ ...localProblem(code, "No.", "Look."), retryable: false, fault: "user" });

let memory: Memory;
let keys = 0;
const queue = (person = "p1") => new TapQueue(memory, person, () => `key-${++keys}`);

/** Answers as it is told to, and remembers what it was given. */
function server(...answers: (Problem | null)[]) {
  const got: Tap[] = [];
  const deliver = async (tap: Tap): Promise<void> => {
    got.push(tap);
    await Promise.resolve();
    const answer = answers.shift() ?? null;
    if (answer) throw new ProblemError(answer);
  };
  return { got, deliver, states: () => got.map(({ deed }) => (deed.kind === "report" ? deed.state : deed.kind)) };
}

beforeEach(() => {
  memory = new Memory();
  keys = 0;
});

describe("taps of a crew", () => {
  it("go out in the order in which they were tapped, each with its own time and key", async () => {
    const taps = queue();
    taps.add("u1", report("acknowledged"), "2026-01-01T10:00:00Z");
    taps.add("u1", report("en_route"), "2026-01-01T10:01:00Z");
    const one = server();
    await taps.send(one.deliver);
    expect(one.got.map(({ key, at }) => [key, at])).toEqual([
      ["key-1", "2026-01-01T10:00:00Z"],
      ["key-2", "2026-01-01T10:01:00Z"],
    ]);
    expect(taps.state.get().waiting).toEqual([]);
  });

  it("wait through a dead spot and a restart of the page, and keep key and time", async () => {
    const taps = queue();
    taps.add("u1", report("acknowledged"), "2026-01-01T10:00:00Z");
    await expect(taps.send(server(UNREACHABLE).deliver)).rejects.toThrow(ProblemError);
    const again = queue();
    again.add("u1", report("en_route"), "2026-01-01T10:09:00Z");
    const later = server();
    await again.send(later.deliver);
    expect(later.got.map(({ key, at }) => [key, at])).toEqual([
      ["key-1", "2026-01-01T10:00:00Z"],
      ["key-2", "2026-01-01T10:09:00Z"],
    ]);
  });

  it("are never overtaken: what comes after a tap that could not be sent is not sent before it", async () => {
    const taps = queue();
    for (const state of ["acknowledged", "en_route", "on_scene"] as const) taps.add("u1", report(state), "2026-01-01T10:00:00Z");
    const broken = server(null, UNREACHABLE);
    await expect(taps.send(broken.deliver)).rejects.toThrow();
    expect(broken.states()).toEqual(["acknowledged", "en_route"]);
    const whole = server();
    await taps.send(whole.deliver);
    expect(whole.states()).toEqual(["en_route", "on_scene"]);
  });

  it("are one tap when the same button is hit twice, and one sending when two are asked for", async () => {
    const taps = queue();
    taps.add("u1", report("en_route"), "2026-01-01T10:00:00Z");
    taps.add("u1", report("en_route"), "2026-01-01T10:00:01Z");
    const one = server();
    await Promise.all([taps.send(one.deliver), taps.send(one.deliver)]);
    expect(one.got.map(({ key }) => key)).toEqual(["key-1"]);
  });

  it("that the server refuses are put aside with the reason and do not hold up the next one", async () => {
    const taps = queue();
    taps.add("u1", report("on_scene"), "2026-01-01T10:00:00Z");
    taps.add("u1", { kind: "duty", onDuty: false }, "2026-01-01T10:01:00Z");
    const strict = server(refusal("wrong_state"));
    await taps.send(strict.deliver);
    expect(strict.states()).toEqual(["on_scene", "duty"]);
    expect(taps.state.get().waiting).toEqual([]);
    expect(queue().state.get().refused.map(({ problem }) => problem.code)).toEqual(["wrong_state"]);
    taps.dismiss("key-1");
    expect(taps.state.get().refused).toEqual([]);
  });

  it("wait where somebody has to sign in first, and nobody sends another person's", async () => {
    const taps = queue();
    taps.add("u1", report("en_route"), "2026-01-01T10:00:00Z");
    await expect(taps.send(server(refusal("not_signed_in")).deliver)).rejects.toThrow();
    expect(taps.state.get().waiting).toHaveLength(1);
    const other = server();
    await queue("p2").send(other.deliver);
    expect(other.got).toEqual([]);
  });

  it("made while others are being sent go out in the same round", async () => {
    const taps = queue();
    taps.add("u1", report("acknowledged"), "2026-01-01T10:00:00Z");
    const got: string[] = [];
    await taps.send(async (tap) => {
      got.push(tap.key);
      if (got.length === 1) taps.add("u1", report("en_route"), "2026-01-01T10:00:05Z");
      await Promise.resolve();
    });
    expect(got).toEqual(["key-1", "key-2"]);
  });

  it("are at most fifty: one more is refused, not lost in silence", () => {
    const taps = queue();
    for (let count = 0; count < 50; count += 1) taps.add("u1", { kind: "duty", onDuty: count % 2 === 0 }, "2026-01-01T10:00:00Z");
    expect(() => taps.add("u1", report("en_route"), "2026-01-01T10:00:00Z")).toThrow(ProblemError);
    expect(queue().state.get().waiting).toHaveLength(50);
  });

  it("move the unit on for its crew before the server knows, and only by steps that there are", () => {
    const taps = queue();
    taps.add("u1", report("acknowledged"), "2026-01-01T10:00:00Z");
    taps.add("u2", report("on_scene"), "2026-01-01T10:00:00Z");
    taps.add("u1", report("on_scene"), "2026-01-01T10:00:00Z");
    expect(shown(UNIT, taps.state.get().waiting)).toEqual({ state: "acknowledged", onDuty: true, ahead: true });
    expect(shown(UNIT, [])).toEqual({ state: "assigned", onDuty: true, ahead: false });
  });
});
