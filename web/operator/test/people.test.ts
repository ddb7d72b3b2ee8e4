import type { CardField, PersonTold } from "@kiwimesh/sdk";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";

import { People } from "../src/card/people.tsx";
import type { Desk } from "../src/state/desk.ts";
import { DeskContext } from "../src/state/hooks.ts";

// The page's settings are read when its modules are loaded; a test has no browser.
vi.hoisted(() => {
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
});

const RULE = { set_by: "rule", reference: "words" } as const;

function said(quote: string) {
  return { quote, channel: "caller", utterance_id: "u1", start_s: 12, end_s: 13, withdrawn: false } as const;
}

function field(name: "conscious" | "breathing", value: string, label: string, quote: string): CardField {
  return { name, value, label, state: "suggested", source: RULE, evidence: [said(quote)] };
}

const DRIVER: PersonTold = {
  who: "the driver",
  category: 1,
  conscious: null,
  breathing: field("breathing", "absent", "Not breathing", "isn't breathing"),
  findings: [],
};
const PASSENGER: PersonTold = {
  who: "the passenger",
  category: null,
  conscious: field("conscious", "yes", "Yes", "is awake"),
  breathing: null,
  findings: [
    { code: "fracture", label: "Possible broken bone", polarity: "present", red_flag: false, confidence: 0.95, source: RULE, evidence: [said("broken arm")], withdrawn: false },
  ],
};

function shown(people: readonly PersonTold[]): string {
  const list = createElement(People, { people });
  return renderToStaticMarkup(createElement(DeskContext.Provider, { value: {} as Desk }, list));
}

/** What a screen reader has of it: its texts and labels, in order. */
function read(markup: string): string {
  return markup.replaceAll(/<svg[^>]*aria-label="([^"]*)".*?<\/svg>/gs, " $1 ").replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
}

describe("each person of a call", () => {
  it("is not there while one person is told of", () => {
    expect(shown([])).toBe("");
  });

  it("is a list with a row a person, in the card's order", () => {
    const markup = shown([DRIVER, PASSENGER]);
    expect(markup.match(/<ol/g)).toHaveLength(1);
    expect([...markup.matchAll(/<h4[^>]*>([^<]*)/g)].map(([, who]) => who)).toEqual(["the driver", "the passenger"]);
  });

  it("says of each how urgent, whether awake and how they breathe, also where that is not known", () => {
    const text = read(shown([DRIVER, PASSENGER]));
    expect(text).toMatch(/Category 1: Life-threatening the driver Conscious: Not known Breathing: Not breathing/);
    expect(text).toMatch(/Not yet assessed the passenger Conscious: Yes .*Breathing: Not known Possible broken bone/);
  });

  it("leads from each finding to the words behind it, by key as well", () => {
    const buttons = [...shown([PASSENGER]).matchAll(/<button type="button" data-testid="evidence-link"[^>]*>.*?<\/button>/gs)].map(([button]) => read(button));
    expect(buttons).toHaveLength(2);
    expect(buttons[1]).toContain("broken arm");
  });
});
