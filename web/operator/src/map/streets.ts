/**
 * The streets behind the marks: whether this installation has any, and whether this operator wants them.
 *
 * In: `/map/style.json` of the own server. Out: a style with addresses that a worker can read, or null. Nothing is asked of
 * anybody else: where an operator looks is where somebody is in need.
 */
import { Store } from "@kiwimesh/sdk";
import type { StyleSpecification } from "maplibre-gl";

const KEPT = "kiwimesh.streets";
const FOLDER = "/map/";
const ABSOLUTE = /^[a-z]+:/;
/** Drawing without a graphics processor, which some browsers do not call slow. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export interface Streets {
  /** Null until it is known, and for ever where the server has no map. */
  readonly style: StyleSpecification | null;
  readonly shown: boolean;
}

export const streets = new Store<Streets>({ style: null, shown: false });

let asked: Promise<void> | null = null;

/** Asks the server once for its style; a server that is away is asked again when the map is next opened. */
export function findStreets(): Promise<void> {
  asked ??= load().catch(() => {
    asked = null;
  });
  return asked;
}

async function load(): Promise<void> {
  const answer = await fetch(`${FOLDER}style.json`);
  if (!answer.ok) throw new Error("the map cannot be read");
  const style = (await answer.json()) as StyleSpecification;
  if (style.layers.length === 0) return;
  const kept = localStorage.getItem(KEPT);
  streets.set({ style: withAddresses(style, location.origin + FOLDER), shown: kept ? kept === "on" : drawsFast() });
}

export function showStreets(shown: boolean): void {
  localStorage.setItem(KEPT, shown ? "on" : "off");
  streets.update((now) => ({ ...now, shown }));
}

/** For this page only: this browser cannot draw them. */
export function giveUpStreets(): void {
  streets.set({ style: null, shown: false });
}

/** Whether a graphics processor draws: in software, streets would take the processor that the voice needs. */
function drawsFast(): boolean {
  const pen = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (!pen) return false;
  const named = pen.getExtension("WEBGL_debug_renderer_info");
  const name = String(pen.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : pen.RENDERER));
  pen.getExtension("WEBGL_lose_context")?.loseContext();
  return !drawnInSoftware(name);
}

/** By the name that a browser gives its renderer. */
export function drawnInSoftware(renderer: string): boolean {
  return SOFTWARE.test(renderer);
}

/** The style with every relative address of a file made one below `base`, which ends with a slash. */
export function withAddresses(style: StyleSpecification, base: string): StyleSpecification {
  const whole = (address: string) => (ABSOLUTE.test(address) ? address : base + address);
  const sources = Object.entries(style.sources).map(([name, source]) => {
    const made: Record<string, unknown> = { ...source };
    for (const key of ["url", "data"]) if (typeof made[key] === "string") made[key] = whole(made[key]);
    if (Array.isArray(made["tiles"])) made["tiles"] = made["tiles"].map((tile: string) => whole(tile));
    return [name, made];
  });
  return {
    ...style,
    sources: Object.fromEntries(sources) as StyleSpecification["sources"],
    ...(style.glyphs !== undefined && { glyphs: whole(style.glyphs) }),
    ...(typeof style.sprite === "string" && { sprite: whole(style.sprite) }),
  };
}
