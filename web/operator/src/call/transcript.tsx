import { stillUnsettled, supportOfWords, supports, type Channel, type Line, type Support, type Word } from "@kiwimesh/sdk";
import { useLayoutEffect, useMemo, useRef, useState } from "react";

import * as actions from "../state/actions.ts";
import { useDesk, type ShownCall } from "../state/hooks.ts";
import { secondAt } from "../state/jump.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";
import { TranscriptLine, UnsettledLine } from "./transcript-line.tsx";

/** This close to the end counts as following it, in pixels. */
const NEAR_END = 60;

export function Transcript({ call: { view, unsettled, loaded } }: { call: ShownCall }) {
  const desk = useDesk();
  const { lines, card } = view;
  const evidence = useMemo(() => (card ? supports(card) : []), [card]);
  const marks = useMemo(() => new Map(lines.map((line) => [line, supportOfWords(line, evidence)])), [lines, evidence]);
  const partials = {
    caller: stillUnsettled(lines, unsettled.caller),
    operator: stillUnsettled(lines, unsettled.operator),
    second: stillUnsettled(lines, unsettled.second),
  };
  const fresh = unsettledAlone(lines, unsettled, partials);
  const end = useFollow([lines, unsettled]);
  const nothing = lines.length === 0 && fresh.length === 0;

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {view.tier && view.tier.tier !== "live" && (
        <p role="status" className="border-b border-warn-line bg-warn-tint px-4 py-1 text-[13px]">
          {strings.transcript.degradedBy(view.tier.message)}
        </p>
      )}
      <div
        ref={end.box}
        onScroll={end.scrolled}
        onClick={({ target }) => {
          const second = secondAt(target);
          if (second !== null) actions.hearFrom(desk, second);
        }}
        role="log"
        aria-label={strings.transcript.label}
        aria-live="off"
        aria-busy={!loaded}
        tabIndex={0}
        data-testid="transcript"
        className="min-h-0 flex-1 overflow-y-auto px-4 py-3 -outline-offset-2"
      >
        {nothing && (loaded ? <NothingSaid /> : <Loading />)}
        {lines.map((line) => (
          <TranscriptLine
            key={line.utterance_id}
            line={line}
            marks={marks.get(line) ?? NO_MARKS}
            tail={unsettled[line.channel]?.utterance_id === line.utterance_id ? partials[line.channel] : NO_WORDS}
          />
        ))}
        {fresh.map(([channel, words]) => (
          <UnsettledLine key={channel} channel={channel} words={words} />
        ))}
      </div>
      {!end.following && (
        <Button look="strong" size="small" onClick={end.follow} className="absolute right-5 bottom-3 shadow-card">
          <Icon name="down" />
          {strings.transcript.toEnd}
        </Button>
      )}
    </div>
  );
}

const NO_MARKS: readonly (Support | null)[] = [];
const NO_WORDS: readonly Word[] = [];

/** Unsettled words of an utterance that has no settled words yet. */
function unsettledAlone(
  lines: readonly Line[],
  unsettled: ShownCall["unsettled"],
  words: Record<Channel, readonly Word[]>,
): [Channel, readonly Word[]][] {
  const channels: Channel[] = ["caller", "operator", "second"];
  return channels
    .filter((channel) => {
      const id = unsettled[channel]?.utterance_id;
      return words[channel].length > 0 && !lines.some((line) => line.utterance_id === id);
    })
    .map((channel): [Channel, readonly Word[]] => [channel, words[channel]])
    .sort((a, b) => (a[1][0]?.start_s ?? 0) - (b[1][0]?.start_s ?? 0));
}

function NothingSaid() {
  return (
    <div className="py-12 text-center">
      <p className="font-medium">{strings.transcript.empty}</p>
      <p className="mx-auto mt-1 max-w-72 text-[13px] text-soft">{strings.transcript.emptyAbout}</p>
    </div>
  );
}

function Loading() {
  return (
    <div role="status" className="animate-pulse space-y-4 py-2">
      <span className="sr-only">{strings.call.loading}</span>
      {["w-2/3", "w-1/2", "w-3/4", "w-2/5"].map((width) => (
        <div key={width} className={`h-4 rounded bg-raised ${width}`} />
      ))}
    </div>
  );
}

/** Keeps the newest words in sight until the operator scrolls back. */
function useFollow(changes: readonly unknown[]) {
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (following) toEnd();
  }, [following, ...changes]);
  return {
    box,
    following,
    scrolled: () => {
      const element = box.current;
      if (element) setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END);
    },
    follow: () => setFollowing(true),
  };
}
