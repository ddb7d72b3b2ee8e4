/**
 * The signed-in session: sign in, refresh, sign out. The access token lives in memory only; the refresh token is a
 * cookie that scripts cannot read. However many callers ask at once, one refresh is under way at a time, over all tabs.
 */
import type { Problem, SampleList, Session } from "./contract.ts";
import { isProblem, ProblemError, UNREACHABLE } from "./problems.ts";

/** A token this close to its end is renewed before it is used. */
const RENEW_BEFORE_MS = 30_000;

type Fetch = typeof fetch;

export class SessionClient {
  private session: Session | null = null;
  private refreshing: Promise<Session> | null = null;
  private readonly fetch: Fetch;
  private readonly now: () => number;

  constructor(options: { fetch?: Fetch; now?: () => number } = {}) {
    this.fetch = options.fetch ?? ((...request) => fetch(...request));
    this.now = options.now ?? Date.now;
  }

  get current(): Session | null {
    return this.session;
  }

  /**
   * Throws ProblemError: `sign_in_failed`, `too_many`, `second_factor_needed` where the account wants the `code` of its
   * authenticator app, or `unavailable` when the server cannot be reached.
   */
  async signIn(email: string, password: string, code?: string): Promise<Session> {
    const body = code === undefined ? { email, password } : { email, password, code };
    this.session = await post<Session>(this.fetch, "/v1/auth/sign-in", body);
    return this.session;
  }

  /** Drops the access token without asking the server: another tab has signed out. */
  forget(): void {
    this.session = null;
  }

  /** A fresh session from the refresh cookie. Throws ProblemError when there is none. */
  refresh(): Promise<Session> {
    this.refreshing ??= onePerBrowser(() => post<Session>(this.fetch, "/v1/auth/refresh"))
      .then((session) => (this.session = session))
      .finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  /** An access token that is good for a while yet. */
  async token(): Promise<string> {
    const session = this.session;
    if (session && Date.parse(session.expires_at) - this.now() > RENEW_BEFORE_MS) return session.access_token;
    return (await this.refresh()).access_token;
  }

  async signOut(): Promise<void> {
    this.session = null;
    await post<void>(this.fetch, "/v1/auth/sign-out");
  }
}

export async function fetchSamples(fetcher: Fetch = fetch): Promise<SampleList["samples"]> {
  return (await request<SampleList>(fetcher, "/v1/samples", { method: "GET" })).samples;
}

function onePerBrowser<T>(work: () => Promise<T>): Promise<T> {
  return globalThis.navigator?.locks
    ? (navigator.locks.request("kiwimesh-refresh", work) as Promise<T>)
    : work();
}

function post<T>(fetcher: Fetch, path: string, body?: object): Promise<T> {
  const content = body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
  return request<T>(fetcher, path, { method: "POST", ...content });
}

async function request<T>(fetcher: Fetch, path: string, init: RequestInit): Promise<T> {
  const response = await fetcher(path, { credentials: "same-origin", ...init }).catch(() => {
    throw new ProblemError(UNREACHABLE);
  });
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  throw new ProblemError(await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  return isProblem(body) ? body : UNREACHABLE;
}
