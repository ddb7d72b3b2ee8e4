import type { ApprovalState, ProtocolLine } from "@kiwimesh/sdk";
import { expect, it } from "vitest";

import { deedOf, nextOpen, visible } from "../src/protocols/logic.ts";

function line(id: string, category: 1 | 2 | 3 | 4 | 5, state: ApprovalState): ProtocolLine {
  return { protocol_id: id, title: id.replaceAll("_", " "), category, version: "1", digest: "0".repeat(64), state, last: null };
}

const LINES = [line("fever", 4, "never"), line("stroke", 2, "signed"), line("cardiac_arrest", 1, "changed"), line("choking", 1, "withdrawn")];
const ids = (lines: readonly ProtocolLine[]) => lines.map(({ protocol_id }) => protocol_id);

it("shows the most urgent first, and what is not approved alone when asked", () => {
  expect(ids(visible(LINES, "all", ""))).toEqual(["cardiac_arrest", "choking", "stroke", "fever"]);
  expect(ids(visible(LINES, "open", ""))).toEqual(["cardiac_arrest", "choking", "fever"]);
});

it("finds a protocol by any of its words, in any order", () => {
  expect(ids(visible(LINES, "all", " Arrest cardiac"))).toEqual(["cardiac_arrest"]);
  expect(ids(visible(LINES, "open", "stroke"))).toEqual([]);
});

it("goes on to the next one that wants a signature, around the end, and stops when there is no other", () => {
  expect(nextOpen(LINES, "cardiac_arrest")).toBe("choking");
  expect(nextOpen(LINES, "choking")).toBe("fever");
  expect(nextOpen(LINES, "fever")).toBe("cardiac_arrest");
  expect(nextOpen([line("stroke", 2, "signed"), line("fever", 4, "never")], "fever")).toBeNull();
});

it("signs and takes back by key only where that may be done", () => {
  expect(deedOf("s", "changed", true)).toBe("sign");
  expect(deedOf("S", "signed", true)).toBeNull();
  expect(deedOf("s", "never", false)).toBeNull();
  expect(deedOf("w", "signed", true)).toBe("withdraw");
  expect(deedOf("w", "changed", true)).toBe("withdraw");
  expect(deedOf("w", "withdrawn", true)).toBeNull();
  expect(deedOf("Escape", "never", false)).toBe("back");
});
