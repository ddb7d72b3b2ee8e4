/** What this page shows where: tabs, windows, the detail that the keys act on. Nothing of it is known to the server. */
import { EVERYTHING, Store, type FieldName, type QueueFilter } from "@kiwimesh/sdk";

export type Tab = "transcript" | "timeline" | "map" | "notes";
export type Window = "override" | "dispose" | "keys" | "refer" | "stand_down" | "divert" | "transfer" | "key_in";

const READING: readonly Tab[] = ["transcript", "timeline", "map"];

export interface View {
  readonly tab: Tab;
  readonly window: Window | null;
  /** The unit that the window is about. */
  readonly unitId: string | null;
  readonly field: FieldName;
  readonly editing: FieldName | null;
  /** Hanging up takes the key twice: this is set by the first press. */
  readonly hangUpArmed: boolean;
  /** When the metronome was started, milliseconds of this computer's clock; null while it is silent. */
  readonly metronomeSince: number | null;
  readonly singleKeys: boolean;
  readonly theme: "light" | "dark";
  /** The second of the call that was last jumped to; what is heard again begins there. */
  readonly place: number | null;
  /** Of the queue; supervisors alone are offered one. */
  readonly filter: QueueFilter;
}

const THEME = "kiwimesh.theme";
const SINGLE_KEYS = "kiwimesh.single-keys";
const ARMED_MS = 2500;

function firstTheme(): View["theme"] {
  const kept = localStorage.getItem(THEME);
  if (kept === "light" || kept === "dark") return kept;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export const view = new Store<View>({
  tab: "transcript",
  window: null,
  unitId: null,
  field: "location",
  editing: null,
  hangUpArmed: false,
  metronomeSince: null,
  singleKeys: localStorage.getItem(SINGLE_KEYS) !== "off",
  theme: firstTheme(),
  place: null,
  filter: EVERYTHING,
});

export function change(part: Partial<View>): void {
  view.update((now) => ({ ...now, ...part }));
}

/** Transcript, timeline, map, and the transcript again. */
export function nextTab(): void {
  change({ tab: READING[(READING.indexOf(view.get().tab) + 1) % READING.length] ?? "transcript" });
}

export function showTheme(): void {
  document.documentElement.dataset["theme"] = view.get().theme;
}

export function switchTheme(): void {
  const theme = view.get().theme === "dark" ? "light" : "dark";
  localStorage.setItem(THEME, theme);
  change({ theme });
  showTheme();
}

export function switchSingleKeys(): void {
  const singleKeys = !view.get().singleKeys;
  localStorage.setItem(SINGLE_KEYS, singleKeys ? "on" : "off");
  change({ singleKeys });
}

/** True at the second press within a moment. */
export function confirmHangUp(): boolean {
  if (view.get().hangUpArmed) {
    change({ hangUpArmed: false });
    return true;
  }
  change({ hangUpArmed: true });
  setTimeout(() => change({ hangUpArmed: false }), ARMED_MS);
  return false;
}
