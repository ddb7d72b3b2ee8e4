import { useEffect, useState } from "react";

import { clock } from "../state/clock.ts";
import { useDesk, useStore } from "../state/hooks.ts";
import { markSpoken } from "../state/jump.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";

const TICK_MS = 100;

/** What is being heard again of the shown call, and how to end it. The word that is heard is marked. */
export function PlaybackBar({ callId }: { callId: string }) {
  const { playback } = useDesk();
  const playing = useStore(playback.state);
  const [second, setSecond] = useState(0);
  const here = playing.callId === callId;
  useEffect(() => {
    if (!here) return;
    const tick = () => {
      setSecond(Math.floor(playback.second));
      markSpoken(playback.second);
    };
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => {
      clearInterval(timer);
      markSpoken(null);
    };
  }, [here, playback]);
  if (!here) return null;
  return (
    <div
      role="status"
      data-testid="playback"
      data-state={playing.state}
      className="flex shrink-0 items-center gap-3 border-t border-line bg-accent-tint px-4 py-1.5 text-[13px]"
    >
      <Icon name="sound" className="size-4 shrink-0 text-accent" />
      <span className="min-w-0 flex-1 font-medium">
        {playing.state === "loading" ? strings.playback.loading : strings.playback.playing}
      </span>
      <span aria-hidden="true" className="font-semibold tabular-nums">
        {clock(second)}
      </span>
      <Button size="small" shortcut="," onClick={() => playback.stop()}>
        {strings.playback.stop}
      </Button>
    </div>
  );
}
