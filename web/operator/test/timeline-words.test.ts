import { describe as group, expect, it } from "vitest";

import { LogWriter, demoLog } from "../../sdk/test/demo-call.ts";
import { describe } from "../src/call/timeline-words.ts";

const START = Date.parse("2030-01-01T12:00:00Z");

group("the log in words", () => {
  it("has a sentence for every line of a whole call", () => {
    for (const entry of demoLog(START)) expect(describe(entry, "person-1")?.what.length).toBeGreaterThan(3);
  });

  it("says who did it", () => {
    const note = new LogWriter(START).line(1, "operator", { kind: "note.added", text: "x" });
    expect(describe(note, "person-1")?.who).toBe("You");
    expect(describe(note, "person-2")?.who).toBe("Operator");
  });

  it("says when a crew tapped what arrived late", () => {
    const moved = { kind: "unit.moved", unit_id: "u", call_sign: "Kiwi 1", before: "assigned", state: "en_route", reason: "" } as const;
    const line = (happened_at: string | null) => new LogWriter(START).line(1, "system", { ...moved, happened_at });
    expect(describe(line(null), null)?.what).toBe("Kiwi 1: en route");
    const late = new Date(START - 90_000);
    expect(describe(line(late.toISOString()), null)?.what).toBe(`Kiwi 1: en route, tapped at ${late.toLocaleTimeString("en-GB")}`);
  });

  it("leaves out words that merely became stable", () => {
    const body = { kind: "speech.stable", channel: "caller", utterance_id: "a", words: [] } as const;
    expect(describe(new LogWriter(START).line(1, "system", body), null)).toBeNull();
  });
});
