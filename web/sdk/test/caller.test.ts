import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { CallerConnection } from "../src/caller.ts";
import { FakeServer, PATIENT, problem } from "./fake-server.ts";
import { MemoryStore } from "./random.ts";

const FORMAT = { encoding: "pcm16", sample_rate: 16000 } as const;
const SAMPLES = 640;

let server: FakeServer;
let url: string;
let store: MemoryStore;
let connection: CallerConnection;

beforeEach(async () => {
  server = new FakeServer();
  url = await server.listen();
  store = new MemoryStore();
  connection = connect();
});

afterEach(async () => {
  connection.close();
  await server.close();
});

function connect(): CallerConnection {
  return new CallerConnection({ url, store, onRelay: () => undefined });
}

function push(count: number): void {
  for (let index = 0; index < count; index += 1) connection.push(new Uint8Array(SAMPLES * 2), SAMPLES);
}

const phase = (wanted: string) => vi.waitFor(() => expect(connection.state.get().phase).toBe(wanted), PATIENT);
const journalled = (count: number) => vi.waitFor(() => expect(server.frames).toHaveLength(count), PATIENT);

describe("a caller's connection", () => {
  it("shows the public number and sends what was said before the call was open", async () => {
    connection.start(FORMAT);
    push(5);
    connection.connect();
    await journalled(5);
    expect(connection.state.get()).toMatchObject({ phase: "ringing", callId: "call-1", publicNumber: "112" });
    await vi.waitFor(() => expect(connection.state.get().unconfirmedS).toBe(0), PATIENT);
  });

  it("loses and doubles nothing when the line breaks and comes back", async () => {
    connection.connect();
    connection.start(FORMAT);
    await phase("ringing");
    push(10);
    await journalled(10);
    server.confirming = false;
    push(5);
    await journalled(15);
    server.cut();
    await vi.waitFor(() => expect(connection.state.get().link).toBe("broken"), PATIENT);
    push(10);
    server.confirming = true;
    await journalled(25);
    expect(server.frames.map((frame) => frame.offset)).toEqual(Array.from({ length: 25 }, (_, index) => index * SAMPLES));
    expect(server.resumes).toEqual([{ call_id: "call-1", resume_token: "token", attempt: 1 }]);
  });

  it("asks for the same call again when the answer was lost, and opens only one", async () => {
    server.openCall = () => problem("unavailable", true);
    connection.connect();
    connection.start(FORMAT);
    await vi.waitFor(() => expect(server.starts).toHaveLength(1), PATIENT);
    server.openCall = () => server.opened();
    await phase("ringing");
    expect(new Set(server.starts.map((start) => start.request_id)).size).toBe(1);
  });

  it("takes the call up again after a reload, with the clock where it is", async () => {
    connection.connect();
    connection.start(FORMAT);
    await phase("ringing");
    push(3);
    await journalled(3);
    connection.close();
    const kept = JSON.parse(store.getItem("kiwimesh.call") as string) as { began: number };
    store.setItem("kiwimesh.call", JSON.stringify({ ...kept, began: kept.began - 10_000 }));
    connection = connect();
    connection.connect();
    await phase("ringing");
    push(1);
    await journalled(4);
    expect(server.frames[3]?.seq).toBe(3);
    expect(server.frames[3]?.offset).toBeGreaterThanOrEqual(160_000);
  });

  it("goes back to the frame that the server waits for", async () => {
    connection.connect();
    connection.start(FORMAT);
    await phase("ringing");
    server.loseOnce = 1;
    push(5);
    await journalled(5);
    expect(server.frames.map((frame) => frame.seq)).toEqual([0, 1, 2, 3, 4]);
  });

  it("hangs up, and does not take up a call that is over", async () => {
    connection.connect();
    connection.start(FORMAT);
    await phase("ringing");
    connection.end();
    await phase("ended");
    expect(store.getItem("kiwimesh.call")).toBeNull();
  });

  it("hangs up as soon as the line is back, if it was down at that moment", async () => {
    connection.connect();
    connection.start(FORMAT);
    await phase("ringing");
    server.cut();
    await vi.waitFor(() => expect(connection.state.get().link).toBe("broken"), PATIENT);
    connection.end();
    await phase("ended");
  });
});
