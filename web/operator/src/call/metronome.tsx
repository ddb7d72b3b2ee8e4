import { useEffect, useState } from "react";

import * as actions from "../state/actions.ts";
import { clock } from "../state/clock.ts";
import { useDesk, useStore } from "../state/hooks.ts";
import { view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";

/** Whoever presses tires: two minutes, then change if there is somebody else (AHA guidelines for CPR). */
const CHANGE_EVERY_S = 120;
const TICK_MS = 250;

/** The beat for compressions, heard and seen, with the time since it began. One key starts and stops it. */
export function Metronome({ bpm }: { bpm: number }) {
  const desk = useDesk();
  const { metronomeSince: since } = useStore(view);
  // A script that is over, or another call, must not leave a beat behind.
  useEffect(() => () => actions.stopMetronome(), []);
  return (
    <>
      <Button
        size="small"
        look={since !== null ? "solid" : "plain"}
        shortcut="M"
        aria-pressed={since !== null}
        onClick={() => actions.switchMetronome(desk)}
        data-testid="metronome"
      >
        <Icon name="metronome" />
        {strings.card.metronome(bpm)}
      </Button>
      {since !== null && <Stopwatch since={since} bpm={bpm} />}
    </>
  );
}

function Stopwatch({ since, bpm }: { since: number; bpm: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, (now - since) / 1000);
  const left = CHANGE_EVERY_S - (seconds % CHANGE_EVERY_S);
  return (
    <span role="timer" data-testid="stopwatch" className="flex items-center gap-2 text-[13px] tabular-nums">
      <span aria-hidden="true" className="beat size-3 rounded-full bg-accent" style={{ animationDuration: `${60 / bpm}s` }} />
      <span className="font-semibold">{clock(seconds)}</span>
      <span className="text-soft">{strings.card.beats(Math.floor((seconds * bpm) / 60))}</span>
      <span className="text-soft">{strings.card.changeIn(clock(left))}</span>
    </span>
  );
}
