/** The keyboard: one key, one action, whenever no field is being typed in and no window is open. */
import { FieldNameValues } from "@kiwimesh/sdk";
import { useEffect } from "react";

import * as actions from "./actions.ts";
import type { Desk } from "./desk.ts";
import * as dispatching from "./dispatching.ts";
import * as handover from "./handover.ts";
import { sounds } from "./sounds.ts";
import { change, nextTab, view } from "./view.ts";

type Action = (desk: Desk) => void;

const KEYS: Readonly<Record<string, Action>> = {
  a: (desk) => {
    if (!handover.acceptOffered(desk)) actions.answerNext(desk);
  },
  backspace: (desk) => desk.undo.undo(),
  "shift k": () => change({ window: "key_in" }),
  "shift h": handover.handOn,
  "shift l": handover.listen,
  "shift j": handover.join,
  r: actions.switchReady,
  h: actions.hold,
  x: actions.hangUp,
  b: actions.callBack,
  c: actions.openDispose,
  o: actions.openOverride,
  q: actions.markNextQuestion,
  m: actions.switchMetronome,
  s: actions.helpSent,
  p: dispatching.sendNearest,
  i: dispatching.offerInTurn,
  l: dispatching.alertHelpers,
  y: dispatching.confirmLikeliest,
  f: dispatching.openRefer,
  d: actions.mergeLikeliest,
  u: actions.undoMerge,
  v: (desk) => actions.handOver(desk, "booking"),
  w: (desk) => actions.handOver(desk, "call_back"),
  e: () => change({ editing: view.get().field }),
  enter: (desk) => actions.acceptField(desk, view.get().field),
  " ": (desk) => actions.markStep(desk, null),
  j: () => moveField(1),
  k: () => moveField(-1),
  n: () => focus("note-text"),
  g: () => focus("queue"),
  ",": actions.hearAgain,
  t: nextTab,
  z: () => focus("units"),
  "?": () => change({ window: "keys" }),
};

const EDITABLE = "input, textarea, select, [contenteditable=true]";
/** Elements for which Enter and Space already mean something. */
const PRESSABLE = "button, a, summary, [role=tab], [role=radio]";

export function useKeys(desk: Desk): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      sounds.unblock();
      const action = actionFor(event);
      if (!action) return;
      event.preventDefault();
      action(desk);
    };
    const click = () => sounds.unblock();
    window.addEventListener("keydown", press);
    window.addEventListener("pointerdown", click);
    return () => {
      window.removeEventListener("keydown", press);
      window.removeEventListener("pointerdown", click);
    };
  }, [desk]);
}

function actionFor(event: KeyboardEvent): Action | null {
  const target = event.target instanceof Element ? event.target : null;
  const busy = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat;
  const { window: open, singleKeys } = view.get();
  if (busy || open !== null || target?.closest(EDITABLE)) return null;
  const key = event.key.toLowerCase();
  if (!singleKeys && key !== "?") return null;
  if ((key === "enter" || key === " ") && target?.closest(PRESSABLE)) return null;
  if (/^[1-9]$/.test(key)) return (desk) => actions.markStep(desk, Number(key) - 1);
  return (event.shiftKey ? KEYS[`shift ${key}`] : undefined) ?? KEYS[key] ?? null;
}

function moveField(by: number): void {
  const names = FieldNameValues;
  const next = names.indexOf(view.get().field) + by;
  const field = names[Math.min(Math.max(next, 0), names.length - 1)];
  if (!field) return;
  change({ field });
  document.getElementById(`card-field:${field}`)?.scrollIntoView({ block: "nearest" });
}

function focus(id: string): void {
  const element = document.getElementById(id);
  const first = element?.querySelector<HTMLElement>("[data-first], button");
  (first ?? element)?.focus();
}
