import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { DeliveryBody } from "../src/console.ts";
import type { Problem } from "../src/contract.ts";
import { OperatorConnection } from "../src/operator.ts";
import { demoSnapshot } from "./demo-call.ts";
import { done, FakeServer, PATIENT, problem } from "./fake-server.ts";
import { MemoryStore } from "./random.ts";

const stopped = (id: string): DeliveryBody => ({ kind: "ring_stopped", call_id: id, reason: "ended" });

let server: FakeServer;
let url: string;
let store: MemoryStore;
let taken: DeliveryBody[];
let problems: Problem[];
let tokens: string[];
let connection: OperatorConnection;

beforeEach(async () => {
  server = new FakeServer();
  url = await server.listen();
  store = new MemoryStore();
  tokens = ["first", "second", "third"];
  connection = connect();
});

afterEach(async () => {
  connection.close();
  await server.close();
});

function connect(): OperatorConnection {
  taken = [];
  problems = [];
  const current = () => Promise.resolve(tokens[0] as string);
  const session = { token: current, refresh: () => (tokens.shift(), current().then((token) => ({ access_token: token }) as never)) };
  const nothing = () => undefined;
  const listeners = {
    onDelivery: (body: DeliveryBody) => void taken.push(body),
    onProblem: (told: Problem) => void problems.push(told),
    onRelay: nothing,
    onVoiceConfirmed: nothing,
    onVoiceRewind: nothing,
    onVoicePause: nothing,
  };
  return new OperatorConnection({ url, session, store, listeners });
}

const live = () => vi.waitFor(() => expect(connection.link.get().state).toBe("live"), PATIENT);
const received = (count: number) => vi.waitFor(() => expect(taken).toHaveLength(count), PATIENT);

describe("a console's connection", () => {
  it("takes deliveries in order and confirms the last one", async () => {
    connection.connect();
    await live();
    server.deliver(demoSnapshot(0, []));
    for (const id of ["a", "b", "c"]) server.deliver(stopped(id));
    await received(4);
    await vi.waitFor(() => expect(server.acks.at(-1)).toEqual({ epoch: "epoch-1", seq: 4 }), PATIENT);
    expect(server.acks.length).toBeLessThan(4);
  });

  it("confirms many deliveries in as few messages as keep the server sending", async () => {
    connection.connect();
    await live();
    server.deliver(demoSnapshot(0, []));
    for (let call = 1; call < 40; call += 1) server.deliver(stopped(`call-${call}`));
    await received(40);
    await vi.waitFor(() => expect(server.acks.at(-1)).toEqual({ epoch: "epoch-1", seq: 40 }), PATIENT);
    const steps = server.acks.map((ack, at) => ack.seq - (server.acks[at - 1]?.seq ?? 0));
    expect(Math.max(...steps)).toBe(8);
    expect(steps.length).toBeLessThan(10);
  });

  it("gets what it missed after a broken connection, once and in order", async () => {
    connection.connect();
    await live();
    server.deliver(demoSnapshot(0, []));
    await received(1);
    server.cut();
    await vi.waitFor(() => expect(connection.link.get().state).toBe("stale"), PATIENT);
    for (const id of ["a", "b"]) server.deliver(stopped(id));
    await live();
    await received(3);
    expect(server.auths.at(-1)).toMatchObject({ epoch: "epoch-1", last_seq: 1 });
    expect(taken.slice(1)).toEqual([stopped("a"), stopped("b")]);
  });

  it("connects again when a delivery is missing, and is sent it", async () => {
    connection.connect();
    await live();
    server.deliver(demoSnapshot(0, []));
    await received(1);
    server.outbox.push({ epoch: "epoch-1", seq: 2, body: stopped("lost") });
    server.deliver(stopped("after"));
    await received(3);
    expect(taken.slice(1)).toEqual([stopped("lost"), stopped("after")]);
    expect(server.auths).toHaveLength(2);
  });

  it("sends a command again under the same id until it is answered, also after a reload of the page", async () => {
    server.answer = () => null;
    connection.connect();
    await live();
    void connection.command("note.add", { call_id: "c", text: "door code 4471" });
    await vi.waitFor(() => expect(server.commands).toHaveLength(1), PATIENT);
    connection.close();
    connection = connect();
    server.answer = (_, body) => done(body.command_id);
    connection.connect();
    await vi.waitFor(() => expect(server.commands).toHaveLength(2), PATIENT);
    expect(server.commands[0]).toEqual(server.commands[1]);
    await vi.waitFor(() => expect(store.getItem("kiwimesh.commands")).toBeNull(), PATIENT);
  });

  it("keeps a command that is given while the line is down, and then does it", async () => {
    const answer = connection.command("call.hold", { call_id: "c", on: true });
    connection.connect();
    await expect(answer).resolves.toMatchObject({ ok: true });
    expect(server.commands.map(({ name }) => name)).toEqual(["call.hold"]);
  });

  it("tells why a command was refused, in either form of refusal", async () => {
    server.answer = (name, body) =>
      name === "call.answer" ? problem("call_taken") : { ...done(body.command_id), ok: false, problem: problem("wrong_state") };
    connection.connect();
    await live();
    await expect(connection.command("call.answer", { call_id: "c" })).rejects.toMatchObject({ problem: { code: "call_taken" } });
    await expect(connection.command("call.hang_up", { call_id: "c" })).rejects.toMatchObject({ problem: { code: "wrong_state" } });
  });

  it("renews its token on the same connection when it is told to", async () => {
    connection.connect();
    await live();
    server.deliver(demoSnapshot(0, []));
    server.deliver({ kind: "reauth", expires_at: "2030-01-01T00:00:00Z" });
    await vi.waitFor(() => expect(server.commands.map(({ body }) => body)).toEqual([{ token: "second" }]), PATIENT);
    expect(server.auths).toHaveLength(1);
    expect(taken).toHaveLength(1);
  });

  it("comes in with a fresh token when the one it had has expired", async () => {
    server.expiredTokens.add("first");
    connection.connect();
    await live();
    expect(server.auths.map((auth) => auth.token)).toEqual(["first", "second"]);
  });

  it("stays out when another window has taken the console over, until it is asked back", async () => {
    connection.connect();
    await live();
    server.io.of("/operator").emit("problem", problem("superseded"));
    await vi.waitFor(() => expect(connection.link.get().state).toBe("superseded"), PATIENT);
    server.io.of("/operator").disconnectSockets();
    await new Promise((later) => setTimeout(later, 50));
    expect(connection.link.get().state).toBe("superseded");
    connection.takeOver();
    await live();
  });
});
