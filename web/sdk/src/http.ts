/**
 * The HTTP API as functions: one typed call for every route, by operation id.
 *
 * A request that is answered with 401 waits for a fresh access token and is sent again, once, with the same
 * Idempotency-Key. However many wait, one refresh is under way: fifty requests that meet an expired token make one
 * refresh and fifty replays. Without a session that can be refreshed, all of them are refused.
 */
import type { Problem, Session } from "./contract.ts";
import { type Operation, type Operations, OPERATIONS } from "./operations.ts";
import { isProblem, ProblemError, UNREACHABLE } from "./problems.ts";

export type OperationName = keyof Operations;
type Table = typeof OPERATIONS;

/** What a call must be given follows from its route: a path, a body, the version that was read. */
export type Request<N extends OperationName> = (keyof Operations[N]["path"] extends never
  ? object
  : { path: Operations[N]["path"] }) &
  (Operations[N]["body"] extends undefined ? object : { body: Operations[N]["body"] }) &
  (Table[N]["versioned"] extends true ? { version: number } : object) & {
    query?: Operations[N]["query"];
    /** Idempotency-Key; a new one where none is given. Give one to ask again after a lost answer. */
    key?: string;
    /** In which of the person's roles to act; the first that the route admits otherwise. */
    role?: string;
    signal?: AbortSignal;
  };

type Optional<T> = object extends T ? [request?: T] : [request: T];

export interface Answer<T> {
  readonly body: T;
  /** What a change of this record sends back as `version`. */
  readonly version: number | null;
}

/** What a client needs of the session; `SessionClient` is one. */
export interface Tokens {
  readonly current: Session | null;
  refresh(): Promise<Session>;
}

interface Given {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  version?: number;
  key?: string;
  role?: string;
  signal?: AbortSignal;
}

export class HttpClient {
  private readonly tokens: Tokens;
  private readonly base: string;
  private readonly fetch: typeof fetch;
  private renewing: Promise<string> | null = null;
  private ended: { token: string; why: ProblemError } | null = null;

  constructor(tokens: Tokens, options: { base?: string; fetch?: typeof fetch } = {}) {
    this.tokens = tokens;
    this.base = options.base ?? "";
    this.fetch = options.fetch ?? ((...request) => fetch(...request));
  }

  /** Carries out one operation. Throws ProblemError with the server's code and way out. */
  async call<N extends OperationName>(name: N, ...request: Optional<Request<N>>): Promise<Answer<Operations[N]["answer"]>> {
    const operation: Operation = OPERATIONS[name];
    const given: Given = request[0] ?? {};
    const made = prepared(this.base, operation, given);
    const response = operation.credential === "bearer" ? await this.signed(made) : await this.send(made, null);
    const version = /^"(\d+)"$/.exec(response.headers.get("etag") ?? "")?.[1];
    const body = (await read(operation, response)) as Operations[N]["answer"];
    return { body, version: version === undefined ? null : Number(version) };
  }

  private async signed(made: Prepared): Promise<Response> {
    const token = this.tokens.current?.access_token ?? (await this.fresh(null));
    const response = await this.attempt(made, token);
    if (response.status !== 401) return accepted(response);
    return this.send(made, await this.fresh(token));
  }

  /** A token other than `stale`: the one that somebody else has fetched meanwhile, or that of the one refresh. */
  private fresh(stale: string | null): Promise<string> {
    const present = this.tokens.current?.access_token;
    if (present !== undefined && present !== stale) return Promise.resolve(present);
    if (this.ended !== null && this.ended.token === stale) return Promise.reject(this.ended.why);
    this.renewing ??= this.tokens
      .refresh()
      .then((session) => session.access_token)
      .catch((why: unknown) => this.refused(stale, why))
      .finally(() => (this.renewing = null));
    return this.renewing;
  }

  /** A session that cannot go on is not asked for again by the requests that come back late. */
  private refused(stale: string | null, why: unknown): never {
    if (stale !== null && why instanceof ProblemError && !why.problem.retryable) this.ended = { token: stale, why };
    throw why;
  }

  private async send(made: Prepared, token: string | null): Promise<Response> {
    return accepted(await this.attempt(made, token));
  }

  private attempt(made: Prepared, token: string | null): Promise<Response> {
    const headers = token === null ? made.headers : { ...made.headers, authorization: `Bearer ${token}` };
    return this.fetch(made.url, { ...made.init, headers }).catch((error: unknown) => {
      if (made.init.signal?.aborted) throw error;
      throw new ProblemError(UNREACHABLE);
    });
  }
}

/** Whether somebody with these roles is offered an operation: the same declaration guards it on the server. */
export function mayAsk(roles: readonly string[], name: OperationName): boolean {
  const { credential, roles: wanted } = OPERATIONS[name] as Operation;
  return credential !== "bearer" || wanted.some((role) => roles.includes(role));
}

interface Prepared {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly init: RequestInit;
}

function prepared(base: string, operation: Operation, given: Given): Prepared {
  const headers: Record<string, string> = {};
  if (given.body !== undefined) headers["content-type"] = "application/json";
  if (operation.keyed) headers["idempotency-key"] = given.key ?? crypto.randomUUID();
  if (given.version !== undefined) headers["if-match"] = `"${given.version}"`;
  if (given.role !== undefined) headers["kiwimesh-role"] = given.role;
  const init: RequestInit = { method: operation.method, credentials: "same-origin" };
  if (given.body !== undefined) init.body = JSON.stringify(given.body);
  if (given.signal) init.signal = given.signal;
  return { url: base + addressOf(operation.path, given.path ?? {}) + queryOf(given.query ?? {}), headers, init };
}

function addressOf(path: string, values: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}

function queryOf(query: Record<string, unknown>): string {
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return asked.length ? `?${new URLSearchParams(asked.map(([name, value]) => [name, String(value)]))}` : "";
}

async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  throw new ProblemError(isProblem(body) ? body : (UNREACHABLE satisfies Problem));
}

function read(operation: Operation, response: Response): Promise<unknown> {
  if (operation.gives === "json") return response.json();
  if (operation.gives === "text") return response.text();
  return operation.gives === "file" ? response.blob() : Promise.resolve(undefined);
}
