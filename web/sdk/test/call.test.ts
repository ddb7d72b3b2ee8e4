import { describe, expect, it } from "vitest";

import { EMPTY_CALL, foldCall, stillUnsettled } from "../src/call.ts";
import type { TimelineEntry } from "../src/contract.ts";
import { demoLog, LogWriter, RED_CARD, SECOND_CARD, startedBody, utterance, wordsOf } from "./demo-call.ts";
import { randomFrom } from "./random.ts";

const START = Date.parse("2030-01-01T12:00:00Z");
const log = demoLog(START);

const texts = (entries: readonly TimelineEntry[]) =>
  foldCall(entries).lines.map((line) => line.words.map((word) => word.text).join(" "));

describe("a call folded from its log", () => {
  it("shows what was said in the order of the sound, the newest card, the notes", () => {
    const view = foldCall(log);
    expect(view.lines.map((line) => line.utterance_id)).toEqual(["u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8"]);
    expect(view.card).toEqual(RED_CARD);
    expect(view.notes.map((note) => note.text)).toEqual(["Door code 4471, key under the mat."]);
    expect(view.answeredAtS).toBe(0.9);
    expect(view.timeline[(view.raisedSeq ?? 0) - 1]?.body).toEqual({ kind: "card.category_raised", before: 2, after: 1 });
  });

  it("knows which incidents can be taken out of the call's again", () => {
    const lines = new LogWriter(START);
    const regrouped = (before: string, incident_id: string, how: "merged" | "unmerged") =>
      lines.line(2, "operator", { kind: "incident.regrouped", before, incident_id, how });
    const entries = [lines.line(0, "system", startedBody()), regrouped("a", "b", "merged"), regrouped("b", "c", "merged")];
    expect(foldCall(entries).merges).toEqual(["a", "b"]);
    expect(foldCall([...entries, regrouped("c", "b", "unmerged")]).merges).toEqual(["a"]);
  });

  it("does not change when the same entries come twice", () => {
    const view = foldCall(log);
    expect(foldCall(log, view)).toBe(view);
  });

  it("is the same however the entries are cut into deliveries and repeated", () => {
    const whole = foldCall(log);
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = randomFrom(seed);
      let view = EMPTY_CALL;
      for (let sent = 0; sent < log.length; ) {
        const from = Math.max(0, sent - Math.floor(random() * 4));
        sent = Math.min(log.length, sent + 1 + Math.floor(random() * 5));
        view = foldCall(log.slice(from, sent), view);
      }
      expect(view).toEqual(whole);
    }
  });

  it("reports a hole and takes nothing beyond it", () => {
    const view = foldCall([...log.slice(0, 3), ...log.slice(5)]);
    expect(view.hole).toBe(true);
    expect(view.lastSeq).toBe(3);
    expect(foldCall(log, view)).toEqual(foldCall(log));
  });

  it("lets a final replace the stable words of its utterance, and a revision the finals that it names", () => {
    const writer = new LogWriter(START);
    const [one, two] = [utterance("a", "caller", 1, "he is not"), utterance("b", "caller", 3, "breeding")];
    const better = utterance("c", "caller", 1, "he is not breathing");
    const entries = [
      writer.line(0, "system", startedBody()),
      writer.line(2, "system", { kind: "speech.stable", channel: "caller", utterance_id: "a", words: one.words.slice(0, 2) }),
      writer.line(2, "system", { kind: "speech.stable", channel: "caller", utterance_id: "a", words: one.words.slice(2) }),
      writer.line(3, "system", { kind: "speech.final", utterance: one }),
      writer.line(4, "system", { kind: "speech.final", utterance: two }),
      writer.line(6, "system", { kind: "speech.revised", replaces: ["a", "b"], utterances: [better] }),
    ];
    expect(texts(entries.slice(0, 3))).toEqual(["he is not"]);
    expect(texts(entries.slice(0, 5))).toEqual(["he is not", "breeding"]);
    expect(texts(entries)).toEqual(["he is not breathing"]);
  });

  it("shows nothing for an utterance in which nothing was said after all", () => {
    const writer = new LogWriter(START);
    const words = wordsOf("thank you", 1);
    const entries = [
      writer.line(1, "system", { kind: "speech.stable", channel: "caller", utterance_id: "a", words }),
      writer.line(2, "system", { kind: "speech.final", utterance: { ...utterance("a", "caller", 1, "x"), words: [] } }),
    ];
    expect(texts(entries)).toEqual([]);
  });

  it("never goes back to an older card", () => {
    const writer = new LogWriter(START);
    const entries = [RED_CARD, SECOND_CARD].map((card) => writer.line(1, "system", { kind: "card.updated", card }));
    expect(foldCall(entries).card).toEqual(RED_CARD);
  });
});

describe("unsettled words", () => {
  const partial = { channel: "caller", utterance_id: "a", words: wordsOf("he is not breathing", 1) } as const;
  const stable = (final: boolean) => ({ ...utterance("a", "caller", 1, "he is"), final });

  it("are shown while nothing of them is settled", () => {
    expect(stillUnsettled([], partial)).toEqual(partial.words);
  });

  it("lose the words that have become stable, and all of them with the final", () => {
    expect(stillUnsettled([stable(false)], partial).map((word) => word.text)).toEqual(["not", "breathing"]);
    expect(stillUnsettled([stable(true)], partial)).toEqual([]);
  });
});
