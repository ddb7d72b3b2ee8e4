/**
 * Serves the built operator page with the made-up call, for looking at it and taking screenshots:
 * `node sdk/test/demo-server.ts PORT [SCENE]`, scenes: call, ring, empty, degraded, crowd, sign-in.
 */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";

import type { Delivery } from "../src/contract.ts";
import { CALL_ID, demoLog, demoQueue, demoSnapshot, summary, wordsOf } from "./demo-call.ts";
import { FakeServer, problem } from "./fake-server.ts";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const [port = "8111", scene = "call"] = process.argv.slice(2);
const web = join(import.meta.dirname, "../..");
const server = new FakeServer();
const now = Date.now();

const SYSTEM = { journal: "ok", database: "degraded", broker: "ok", transcription: "degraded", router: "degraded", models: { self_hosted: "down", cloud: "off", floor_only: true }, messages: [] } as const;

function crowd() {
  return Array.from({ length: 200 }, (_, index) =>
    summary(`crowd-${index}`, {
      started_at: new Date(now - index * 3700).toISOString(),
      state: index % 3 === 0 ? "ringing" : "answered",
      category: index % 6 === 0 ? null : (index % 5) + 1,
      headline: index % 6 === 0 ? "" : `Call number ${index}`,
      location: `Street ${index}`,
      answered_by: index % 3 === 0 ? null : "Jon Okafor",
    }),
  );
}

function scenes(): Delivery["body"][] {
  const snapshot = demoSnapshot(now, scene === "empty" ? [] : demoQueue(now));
  if (scene === "empty") return [snapshot];
  if (scene === "ring") return [{ ...snapshot, queue: snapshot.queue.filter((call) => call.call_id !== CALL_ID) }];
  if (scene === "crowd") return [{ ...snapshot, queue: crowd() }];
  const onCall = { ...snapshot, seat: { ...snapshot.seat, state: "on_call" as const, call_id: CALL_ID } };
  return [scene === "degraded" ? { ...onCall, system: SYSTEM } : onCall];
}

server.http.removeAllListeners("request");
server.http.on("request", (request, response) => {
  const path = new URL(request.url ?? "/", "http://demo").pathname;
  if (path.startsWith("/socket.io")) return;
  if (path === "/v1/auth/refresh" && scene === "sign-in") return void response.writeHead(401).end(JSON.stringify(problem("token_expired")));
  if (path.startsWith("/v1/samples")) {
    const samples = [{ sample_id: "cardiac-arrest", title: "Collapse in the kitchen", seconds: 42, url: "/none" }, { sample_id: "chest-pain", title: "Chest pain at the market", seconds: 55, url: "/none" }];
    return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ samples }));
  }
  if (path.startsWith("/v1/")) {
    const me = { person_id: "person-1", display_name: "Noor Visser", roles: ["operator"], centre_id: "centre-1" };
    const session = { access_token: "token", expires_at: new Date(Date.now() + 900_000).toISOString(), me };
    return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(session));
  }
  const caller = path === "/call" || path.startsWith("/call/");
  const file = path === "/" || path === "/call" || path === "/call/" ? "/index.html" : path.replace(/^\/call/, "");
  readFile(join(web, caller ? "caller/dist" : "operator/dist", file)).then(
    (body) => response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "text/plain" }).end(body),
    () => response.writeHead(404).end(),
  );
});

for (const body of scenes()) server.deliver(body);
const opened = new Set<string>();
server.answer = (name, body) => {
  const callId = (body as unknown as { call_id: string }).call_id;
  if (name === "call.open" && callId === CALL_ID && !opened.has(callId)) {
    opened.add(callId);
    setTimeout(() => {
      server.deliver({ kind: "entries", call_id: CALL_ID, entries: demoLog(now - 43_000), complete: true });
      const words = wordsOf("I think his lips are turning", 33.2);
      server.deliver({ kind: "partial", call_id: CALL_ID, partial: { channel: "caller", utterance_id: "u9", words } });
    }, 50);
  }
  return { command_id: body.command_id, ok: true, seq: 1, problem: null };
};
console.log(await server.listen(Number(port)));
