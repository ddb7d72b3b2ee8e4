import { describe, expect, it } from "vitest";

import { entryOf } from "../src/entry.ts";

describe("the caller's page", () => {
  it("says by which entry it was opened", () => {
    expect(entryOf("?entry=green-acres")).toEqual({ entry: "green-acres" });
  });

  it.each(["", "?entry=", "?entry=%3Cscript%3E", `?entry=${"a".repeat(65)}`])("opens a call also from %s", (search) => {
    expect(entryOf(search)).toEqual({});
  });
});
