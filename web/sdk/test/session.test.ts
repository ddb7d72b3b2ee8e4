import { describe, expect, it } from "vitest";

import { ProblemError } from "../src/problems.ts";
import { SessionClient } from "../src/session.ts";
import { problem } from "./fake-server.ts";

const NOW = Date.parse("2030-01-01T12:00:00Z");

function server(answer: (path: string, count: number) => { status: number; body?: object } | Error) {
  const asked: string[] = [];
  const fetcher = (path: string) => {
    asked.push(path);
    const given = answer(path, asked.length);
    if (given instanceof Error) return Promise.reject(given);
    return Promise.resolve(new Response(given.body ? JSON.stringify(given.body) : null, { status: given.status }));
  };
  return { asked, client: new SessionClient({ fetch: fetcher as typeof fetch, now: () => NOW }) };
}

const session = (name: string, seconds = 900) => ({
  access_token: name,
  expires_at: new Date(NOW + seconds * 1000).toISOString(),
  me: { person_id: "p", display_name: "P", roles: ["operator"], centre_id: "c" },
});

describe("the session", () => {
  it("refreshes once, however many ask at the same time", async () => {
    const { asked, client } = server((_, count) => ({ status: 200, body: session(`token-${count}`) }));
    const tokens = await Promise.all([client.token(), client.token(), client.refresh()]);
    expect(asked).toEqual(["/v1/auth/refresh"]);
    expect(tokens[0]).toBe("token-1");
    expect(await client.token()).toBe("token-1");
  });

  it("renews a token that is about to end before it is used", async () => {
    const { client } = server((_, count) => ({ status: 200, body: session(`token-${count}`, count === 1 ? 20 : 900) }));
    await client.signIn("a@b", "secret");
    expect(await client.token()).toBe("token-2");
  });

  it("says why signing in failed, and that a server cannot be reached", async () => {
    const refused = server(() => ({ status: 401, body: problem("sign_in_failed") })).client;
    await expect(refused.signIn("a@b", "no")).rejects.toMatchObject({ problem: { code: "sign_in_failed" } });
    const gone = server(() => new Error("network")).client;
    await expect(gone.refresh()).rejects.toMatchObject({ problem: { code: "unavailable", retryable: true } });
    await expect(gone.refresh()).rejects.toBeInstanceOf(ProblemError);
  });

  it("signs out even where the server answers with nothing", async () => {
    const { client, asked } = server(() => ({ status: 204 }));
    await client.signOut();
    expect(client.current).toBeNull();
    expect(asked).toEqual(["/v1/auth/sign-out"]);
  });
});
