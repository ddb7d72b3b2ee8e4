/**
 * A crew at work: who is signed in, which unit they are, what the server says of it, and what they have tapped.
 *
 * The page asks for news every few seconds; taps go first. Where the server cannot be reached it goes on with what it
 * knew last, which the phone keeps until somebody signs out. The mission is read again only when its mark is another one.
 */
import {
  HttpClient,
  ProblemError,
  SessionClient,
  Store,
  UNREACHABLE,
  type Mission,
  type Offer,
  type Problem,
  type Session,
  type UnitView,
} from "@kiwimesh/sdk";

import { keep, kept, forget, type Kept } from "./memory.ts";
import { Positions } from "./positions.ts";
import { TapQueue, type Deed, type Tap } from "./taps.ts";

const NEWS_EVERY_MS = 3000;
/** A phone in a dead spot does not fail, it hangs. */
const PATIENCE_MS = 8000;

export interface CrewState {
  readonly phase: "opening" | "sign_in" | "choose" | "on";
  readonly name: string;
  /** Units of whose crew the person is; empty: an administrator has to enter them. */
  readonly units: readonly UnitView[];
  readonly unit: UnitView | null;
  readonly offers: readonly Offer[];
  readonly mission: Mission | null;
  /** Server clock minus this phone's, milliseconds. */
  readonly clockOffset: number;
  readonly link: "connecting" | "live" | "away";
  /** When the server last answered, milliseconds of this phone's clock. */
  readonly heardAt: number;
  readonly problem: Problem | null;
}

const START: CrewState = {
  phase: "opening",
  name: "",
  units: [],
  unit: null,
  offers: [],
  mission: null,
  clockOffset: 0,
  link: "connecting",
  heardAt: 0,
  problem: null,
};

export class Crew {
  readonly state = new Store<CrewState>(START);
  readonly positions = new Positions();
  /** Of the person who is signed in; null before anybody is known. */
  readonly taps = new Store<TapQueue | null>(null);
  private readonly session = new SessionClient({ fetch: patient });
  private readonly http = new HttpClient(this.session, { fetch: patient });
  private personId = "";
  private timer: ReturnType<typeof setTimeout> | null = null;
  private round: Promise<void> | null = null;
  private open = false;

  start(): void {
    this.open = true;
    const known = kept();
    if (known) this.goOn(known);
    addEventListener("online", this.now);
    addEventListener("storage", this.look);
    document.addEventListener("visibilitychange", this.now);
    this.session.refresh().then(
      (session) => this.signedIn(session),
      (error: unknown) => this.failed(error),
    );
    this.now();
  }

  stop(): void {
    this.open = false;
    if (this.timer) clearTimeout(this.timer);
    removeEventListener("online", this.now);
    removeEventListener("storage", this.look);
    document.removeEventListener("visibilitychange", this.now);
    this.positions.stop();
  }

  /** Throws ProblemError. */
  async signIn(email: string, password: string): Promise<void> {
    this.signedIn(await this.session.signIn(email, password));
  }

  /** Forgets everything that this phone knows, taps that were not sent too. */
  async signOut(): Promise<void> {
    this.taps.get()?.clear();
    this.taps.set(null);
    this.positions.stop();
    forget();
    this.state.set({ ...START, phase: "sign_in" });
    await this.session.signOut().catch(() => undefined);
  }

  choose(unit: UnitView): void {
    this.patch({ phase: "on", unit, mission: null, offers: [] });
    this.now();
  }

  /** Another unit of the same person. */
  change(): void {
    this.patch({ phase: "choose", unit: null, mission: null, offers: [] });
    this.now();
  }

  /** Writes the tap down and sends it as soon as it can be sent. */
  tap(deed: Deed): void {
    const unit = this.state.get().unit;
    const taps = this.taps.get();
    if (!unit || !taps) return;
    try {
      taps.add(unit.unit_id, deed, new Date(this.serverNow()).toISOString());
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.patch({ problem: error.problem });
    }
    this.now();
  }

  serverNow(): number {
    return Date.now() + this.state.get().clockOffset;
  }

  /** Asks at once instead of in a moment. */
  private readonly now = (): void => {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (!this.open) return;
    const busy = this.round;
    if (busy) void busy.then(() => this.soon(0));
    else this.round = this.ask().finally(() => this.ended());
  };

  private ended(): void {
    this.round = null;
    this.soon(NEWS_EVERY_MS);
  }

  private soon(afterMs: number): void {
    if (!this.open) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(this.now, afterMs);
  }

  private readonly look = (): void => this.taps.get()?.look();

  private async ask(): Promise<void> {
    const { phase } = this.state.get();
    if (phase !== "on" && phase !== "choose") return;
    try {
      await this.taps.get()?.send((tap) => this.deliver(tap));
      if (phase === "choose") await this.askUnits();
      else await this.askNews();
      this.patch({ link: "live", heardAt: Date.now() });
      this.remember();
    } catch (error) {
      this.failed(error);
    }
  }

  private async askUnits(): Promise<void> {
    const { body } = await this.http.call("list_units", { query: { mine: true, limit: 50 } });
    const only = body.units.length === 1 ? body.units[0] : undefined;
    this.patch({ units: body.units });
    if (only && this.state.get().phase === "choose") this.choose(only);
  }

  private async askNews(): Promise<void> {
    const { unit } = this.state.get();
    if (!unit) return;
    const path = { unit_id: unit.unit_id };
    const { body: news } = await this.http.call("follow_unit", { path });
    if (this.state.get().unit?.unit_id !== unit.unit_id) return;
    this.notice(news.offers, news.unit);
    this.patch({ unit: news.unit, offers: news.offers, clockOffset: Date.parse(news.at) - Date.now() });
    if (news.mission_mark !== (this.state.get().mission?.mark ?? "none")) {
      this.patch({ mission: (await this.http.call("get_mission", { path })).body });
    }
    const due = news.unit.on_duty ? this.positions.due() : null;
    if (due) await this.http.call("place_unit", { path, body: due });
  }

  private async deliver({ key, unitId, deed, at }: Tap): Promise<void> {
    const path = { unit_id: unitId };
    if (deed.kind === "report") {
      await this.http.call("report_unit", { path, key, body: { state: deed.state, at, incident_id: deed.incidentId } });
    } else if (deed.kind === "duty") {
      await this.http.call("set_unit_duty", { path, key, body: { on_duty: deed.onDuty } });
    } else {
      const offer = { ...path, offer_id: deed.offerId };
      await this.http.call("answer_offer", { path: offer, key, body: { accept: deed.accept } });
    }
  }

  /** Something new that wants a look: the phone shakes, where it can. */
  private notice(offers: readonly Offer[], unit: UnitView): void {
    const { offers: before, unit: was } = this.state.get();
    const offered = offers.some(({ offer_id }) => !before.some((one) => one.offer_id === offer_id));
    const sent = unit.incident_id !== null && unit.incident_id !== was?.incident_id;
    if (offered || sent) navigator.vibrate?.([300, 150, 300]);
  }

  private goOn({ personId, name, unit, mission, heardAt }: Kept): void {
    this.become(personId);
    this.patch({ phase: unit ? "on" : "choose", name, unit, mission, heardAt });
  }

  private signedIn({ me }: Session): void {
    if (me.person_id !== this.personId) {
      this.become(me.person_id);
      this.patch({ unit: null, mission: null, offers: [], phase: "choose" });
    }
    const { unit } = this.state.get();
    this.patch({ phase: unit ? "on" : "choose", name: me.display_name, problem: null });
    this.remember();
    this.now();
  }

  private become(personId: string): void {
    this.personId = personId;
    this.taps.set(new TapQueue(localStorage, personId));
  }

  private failed(error: unknown): void {
    const problem = error instanceof ProblemError ? error.problem : UNREACHABLE;
    const waits = problem.retryable || problem.fault === "system";
    if (waits) this.patch({ link: "away" });
    else if (problem.code === "not_allowed" || problem.code === "not_found") this.patch({ link: "live", problem });
    else this.patch({ phase: "sign_in", link: "away" });
    if (waits && this.state.get().phase === "opening") this.patch({ phase: "sign_in", problem });
  }

  private remember(): void {
    const { name, unit, mission, heardAt, phase } = this.state.get();
    if (phase === "on" || phase === "choose") keep({ personId: this.personId, name, unit, mission, heardAt });
  }

  private patch(change: Partial<CrewState>): void {
    this.state.set({ ...this.state.get(), ...change });
  }
}

const patient: typeof fetch = (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
