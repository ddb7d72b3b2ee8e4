// The outbox as a page: signs in, or goes on with the session of this browser, and shows GET /v1/outbox.

const byId = (id) => document.getElementById(id);
let token = "";
let cursor = null;

async function ask(path, options = {}) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (options.body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { ...options, headers });
  const body = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body?.message ?? "The server refused."), { status: answer.status });
  return body;
}

function tell(words) {
  byId("told").textContent = words;
}

function row(item) {
  const line = document.createElement("tr");
  const mark = item.exercise ? " EXERCISE" : "";
  const cells = [new Date(item.at).toLocaleString(), `${item.port} ${item.operation}`, item.recipient, item.said];
  for (const words of [...cells, item.reference]) line.insertCell().textContent = words;
  if (mark) {
    const said = document.createElement("span");
    said.className = "exercise";
    said.textContent = mark;
    line.cells[1].append(said);
  }
  return line;
}

async function show(anew) {
  const query = new URLSearchParams({ limit: "50" });
  const port = new FormData(byId("filter")).get("port");
  if (port) query.set("port", port);
  if (!anew && cursor) query.set("cursor", cursor);
  const page = await ask(`/v1/outbox?${query}`);
  const rows = byId("items").tBodies[0];
  if (anew) rows.replaceChildren();
  rows.append(...page.items.map(row));
  cursor = page.next_cursor ?? null;
  byId("items").hidden = rows.rows.length === 0;
  byId("more").hidden = cursor === null;
  tell(rows.rows.length === 0 ? "Nothing yet." : `${rows.rows.length} shown.`);
}

async function enter(session) {
  token = session.access_token;
  byId("sign-in").hidden = true;
  byId("filter").hidden = false;
  await show(true);
}

async function guarded(work) {
  try {
    await work();
  } catch (error) {
    const out = error.status === 401;
    byId("sign-in").hidden = !out;
    byId("filter").hidden = out;
    tell(error.message);
  }
}

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value));
  guarded(async () => enter(await ask("/v1/auth/sign-in", { method: "POST", body: JSON.stringify(given) })));
});
byId("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(() => show(true));
});
byId("more").addEventListener("click", () => guarded(() => show(false)));
guarded(async () => enter(await ask("/v1/auth/refresh", { method: "POST" })));
