import { describe, expect, it } from "vitest";

import { supportOfWords, supports } from "../src/evidence.ts";
import { RED_CARD, SAID, SECOND_CARD } from "./demo-call.ts";

const line = (id: string) => ({ ...SAID.find((said) => said.utterance_id === id)!, final: true });

describe("evidence", () => {
  it("marks exactly the words behind a reason or a field", () => {
    const marks = supportOfWords(line("u6"), supports(RED_CARD));
    const marked = line("u6").words.filter((_, index) => marks[index]).map((word) => word.text);
    expect(marked.join(" ")).toBe("a snoring noise every few seconds, not breathing properly.");
    expect(new Set(marks.map((mark) => mark?.target))).toContain("reason:cardiac_arrest");
  });

  it("marks nothing on the other side of the call", () => {
    const other = { ...line("u6"), channel: "operator" as const };
    expect(supportOfWords(other, supports(RED_CARD)).every((mark) => mark === null)).toBe(true);
  });

  it("leaves out words that were taken back", () => {
    const [reason] = SECOND_CARD.reasons;
    const withdrawn = reason!.evidence.map((item) => ({ ...item, withdrawn: true }));
    const card = { ...SECOND_CARD, fields: [], reasons: [{ ...reason!, evidence: withdrawn }] };
    expect(supports(card)).toEqual([]);
  });
});
