import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { HttpClient, mayAsk } from "../src/http.ts";
import { Tabs } from "../src/http-tabs.ts";
import { ProblemError } from "../src/problems.ts";
import { SessionClient } from "../src/session.ts";
import { problem } from "./fake-server.ts";

interface Seen {
  path: string;
  token: string;
  key: string;
  version: string;
  role: string;
  body: string;
  status: number;
}

/** A server that knows one good token, and hands out the next one for each refresh. */
class TokenServer {
  seen: Seen[] = [];
  good = 1;
  refreshable = true;
  private readonly http: Server = createServer((request, response) => void this.answer(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.http.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  close(): void {
    this.http.closeAllConnections();
    this.http.close();
  }

  at(status: number): Seen[] {
    return this.seen.filter((one) => one.status === status && one.path !== "/v1/auth/refresh");
  }

  get refreshes(): number {
    return this.seen.filter((one) => one.path === "/v1/auth/refresh").length;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += chunk;
    const header = (name: string) => String(request.headers[name] ?? "");
    const path = request.url ?? "";
    const token = header("authorization").replace("Bearer ", "");
    const status = this.statusOf(path, token);
    this.seen.push({ path, token, key: header("idempotency-key"), version: header("if-match"), role: header("kiwimesh-role"), body, status });
    if (path === "/v1/auth/refresh" && status === 200) {
      await new Promise((later) => setTimeout(later, 20));
      return void response.end(JSON.stringify(session(`token-${++this.good}`)));
    }
    response.writeHead(status, { etag: '"7"', "content-type": "application/json" });
    response.end(status === 200 ? JSON.stringify({ path }) : status === 204 ? "" : JSON.stringify(problem(status === 401 ? "token_expired" : "conflict")));
  }

  private statusOf(path: string, token: string): number {
    if (path === "/v1/auth/refresh") return this.refreshable ? 200 : 401;
    if (token !== `token-${this.good}`) return 401;
    if (path.startsWith("/v1/grants/")) return 204;
    return path.includes("conflict") ? 409 : 200;
  }
}

const session = (name: string) => ({
  access_token: name,
  expires_at: new Date(Date.now() + 600_000).toISOString(),
  me: { person_id: "p", display_name: "P", roles: ["nurse"], centre_id: null, grants: [] },
});

let server: TokenServer;
let tokens: SessionClient;
let api: HttpClient;

beforeEach(async () => {
  server = new TokenServer();
  const base = await server.listen();
  tokens = new SessionClient({ fetch: (path, init) => fetch(base + String(path), init) });
  api = new HttpClient(tokens, { base });
});

afterEach(() => server.close());

describe("the HTTP client", () => {
  it("makes one refresh and fifty replays, each served once, when fifty requests meet an expired token", async () => {
    await tokens.refresh();
    server.seen = [];
    server.good = 9;
    const asked = Array.from({ length: 50 }, (_, number) => api.call("read_hospital", { path: { hospital_id: `h-${number}` } }));
    const answers = await Promise.all(asked);
    expect([server.at(401).length, server.refreshes, server.at(200).length]).toEqual([50, 1, 50]);
    expect(new Set(server.at(200).map((one) => one.path)).size).toBe(50);
    expect(answers.map((answer) => (answer.body as unknown as { path: string }).path)).toEqual(
      Array.from({ length: 50 }, (_, number) => `/v1/hospitals/h-${number}`),
    );
  });

  it("repeats a change with the key of its first try, so that it is carried out once", async () => {
    await tokens.refresh();
    server.good = 9;
    await api.call("onboard_hospital", { body: { name: "Bay" } });
    const tries = server.seen.filter((one) => one.path === "/v1/hospitals");
    expect(tries.map((one) => one.status)).toEqual([401, 200]);
    expect(tries[0]?.key).toMatch(/^[A-Za-z0-9_.:-]{16,64}$/);
    expect(tries[1]?.key).toBe(tries[0]?.key);
    await api.call("onboard_hospital", { body: { name: "Bay" }, key: "a-key-of-my-own-choice" });
    expect(server.seen.at(-1)?.key).toBe("a-key-of-my-own-choice");
  });

  it("refuses all that wait when the session cannot be refreshed, after one try", async () => {
    await tokens.refresh();
    server.seen = [];
    server.good = 9;
    server.refreshable = false;
    const asked = await Promise.allSettled(Array.from({ length: 50 }, () => api.call("who_am_i")));
    expect(asked.every((one) => one.status === "rejected" && one.reason instanceof ProblemError)).toBe(true);
    expect([server.refreshes, server.at(200).length]).toEqual([1, 0]);
  });

  it("fetches a token first where there is none, once for all", async () => {
    await Promise.all(Array.from({ length: 10 }, () => api.call("who_am_i")));
    expect([server.refreshes, server.at(401).length, server.at(200).length]).toEqual([1, 0, 10]);
  });

  it("sends the version that was read and the role to act in, and gives the version of the answer", async () => {
    const answer = await api.call("change_hospital", { path: { hospital_id: "a/b" }, body: { name: "Bay" }, version: 6, role: "super_admin" });
    expect(answer.version).toBe(7);
    expect(server.seen.at(-1)).toMatchObject({ path: "/v1/hospitals/a%2Fb", version: '"6"', role: "super_admin", body: '{"name":"Bay"}' });
  });

  it("asks for a page, and takes an answer without a body", async () => {
    await api.call("list_hospitals", { query: { limit: 5, cursor: null } });
    expect(server.seen.at(-1)?.path).toBe("/v1/hospitals?limit=5");
    expect((await api.call("revoke_grant", { path: { grant_id: "g" } })).body).toBeUndefined();
  });

  it("throws the server's problem, and one of its own when there is no server", async () => {
    await expect(api.call("read_hospital", { path: { hospital_id: "conflict" } })).rejects.toMatchObject({ problem: { code: "conflict" } });
    server.close();
    await expect(api.call("who_am_i")).rejects.toMatchObject({ problem: { code: "unavailable" } });
  });
});

describe("what a page offers", () => {
  it("follows from the roles that guard the route", () => {
    expect(mayAsk(["nurse"], "list_staff")).toBe(true);
    expect(mayAsk(["nurse"], "onboard_hospital")).toBe(false);
    expect(mayAsk(["resident", "super_admin"], "onboard_hospital")).toBe(true);
    expect(mayAsk([], "sign_in")).toBe(true);
  });
});

describe("several tabs", () => {
  it("are all signed out when one of them signs out, also while the server is away", async () => {
    await tokens.refresh();
    const left: string[] = [];
    const other = new SessionClient({ fetch: () => Promise.reject(new Error("away")) });
    const here = new Tabs(other, () => left.push("here"));
    const there = new Tabs(tokens, () => left.push("there"));
    await expect(here.signOut()).rejects.toBeInstanceOf(ProblemError);
    await expect.poll(() => left).toEqual(["there"]);
    expect(tokens.current).toBeNull();
    here.close();
    there.close();
  });
});
