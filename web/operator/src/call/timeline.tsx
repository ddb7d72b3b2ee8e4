import type { TimelineEntry } from "@kiwimesh/sdk";
import { memo } from "react";

import { clock, timeOfDay } from "../state/clock.ts";
import * as actions from "../state/actions.ts";
import { useConsole, useDesk } from "../state/hooks.ts";
import { secondAt } from "../state/jump.ts";
import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";
import { describe } from "./timeline-words.ts";

/** Everything that happened, newest last. Words that merely became stable are in the transcript and left out here. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const desk = useDesk();
  const me = useConsole((state) => state.seat?.person_id ?? null);
  return (
    <ol
      className="px-4 py-2"
      onClick={({ target }) => {
        const second = secondAt(target);
        if (second !== null) actions.hearFrom(desk, second);
      }}
    >
      {entries.map((entry) => (
        <Entry key={entry.seq} entry={entry} me={me} />
      ))}
    </ol>
  );
}

const Entry = memo(function Entry({ entry, me }: { entry: TimelineEntry; me: string | null }) {
  const words = describe(entry, me);
  if (!words) return null;
  return (
    <li className="grid grid-cols-[64px_44px_84px_minmax(0,1fr)] items-baseline gap-x-2 border-b border-line py-1.5 text-[13px]">
      <time dateTime={entry.at} className="text-xs text-faint tabular-nums">
        {timeOfDay(entry.at)}
      </time>
      <span data-start={entry.call_s} title={strings.playback.from} className="text-right text-xs text-faint tabular-nums">
        {clock(entry.call_s)}
      </span>
      <span className="truncate text-xs font-medium text-soft">{words.who}</span>
      <span className={cn("whitespace-pre-wrap", words.quiet && "text-soft")}>{words.what}</span>
    </li>
  );
});
