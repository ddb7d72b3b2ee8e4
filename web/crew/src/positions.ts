/** Where the phone is, where its owner shares that: the newest position alone, and not more often than anybody needs. */
import { Store, type UnitPosition } from "@kiwimesh/sdk";

export type Sharing = "off" | "waiting" | "on" | "denied";

const EVERY_MS = 5000;

export class Positions {
  readonly sharing = new Store<Sharing>("off");
  private watch: number | null = null;
  private newest: UnitPosition | null = null;
  private takenAt = 0;

  /** Asks the phone, which asks its owner. */
  start(): void {
    if (this.watch !== null || !("geolocation" in navigator)) return;
    this.sharing.set("waiting");
    this.watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        this.newest = { latitude: coords.latitude, longitude: coords.longitude };
        this.sharing.set("on");
      },
      ({ code, PERMISSION_DENIED }) => {
        if (code === PERMISSION_DENIED) this.stop("denied");
      },
      { enableHighAccuracy: true, maximumAge: EVERY_MS },
    );
  }

  stop(why: Sharing = "off"): void {
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    this.newest = null;
    this.sharing.set(why);
  }

  /** The position to send now; null where there is no newer one, or the last one was sent a moment ago. */
  due(): UnitPosition | null {
    if (this.newest === null || Date.now() - this.takenAt < EVERY_MS) return null;
    const due = this.newest;
    this.newest = null;
    this.takenAt = Date.now();
    return due;
  }
}
