import type { Channel, Line, Support, Word } from "@kiwimesh/sdk";
import { memo, type ReactNode } from "react";

import { clock } from "../state/clock.ts";
import { jumpToCard } from "../state/jump.ts";
import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";

interface TranscriptLineProps {
  readonly line: Line;
  /** For each word what it is evidence for. */
  readonly marks: readonly (Support | null)[];
  /** The unsettled end of this utterance. */
  readonly tail: readonly Word[];
}

export const TranscriptLine = memo(function TranscriptLine({ line, marks, tail }: TranscriptLineProps) {
  return (
    <Speech channel={line.channel} start={line.start_s}>
      {runs(line.words, marks).map(({ words, support }, index) => (
        <Run key={index} words={words} support={support} />
      ))}
      <Unsettled words={tail} />
      {line.translation && (
        <span className="block text-[13px] text-soft">
          <span className="font-medium">{strings.transcript.translation}</span> {line.translation}
        </span>
      )}
    </Speech>
  );
}, sameLine);

/** The marks are computed anew with every card; the line is drawn anew only when they say something else. */
function sameLine(before: TranscriptLineProps, after: TranscriptLineProps): boolean {
  return (
    before.line === after.line &&
    before.tail === after.tail &&
    before.marks.every((mark, index) => mark?.target === after.marks[index]?.target)
  );
}

export function UnsettledLine({ channel, words }: { channel: Channel; words: readonly Word[] }) {
  return (
    <Speech channel={channel} start={words[0]?.start_s ?? 0}>
      <Unsettled words={words} />
    </Speech>
  );
}

function Speech({ channel, start, children }: { channel: Channel; start: number; children: ReactNode }) {
  const mine = channel !== "caller";
  return (
    <div data-channel={channel} className="grid grid-cols-[44px_70px_minmax(0,1fr)] items-baseline gap-x-2 py-1.5">
      <span className="text-right text-xs text-faint tabular-nums">{clock(start)}</span>
      <span className={cn("border-l-2 pl-2 text-xs font-semibold", mine ? "border-mine text-mine" : "border-caller text-caller")}>
        {strings.transcript[channel]}
      </span>
      <p className={cn("text-[15.5px] leading-[1.6]", mine && "text-soft")}>{children}</p>
    </div>
  );
}

function Run({ words, support }: { words: readonly Word[]; support: Support | null }) {
  const text = words.map((word, index) => (
    <span key={index} data-testid="word-stable" data-start={word.start_s}>
      {word.text}{" "}
    </span>
  ));
  if (!support) return text;
  return (
    <>
      <button
        type="button"
        title={strings.transcript.showField(support.label)}
        onClick={(event) => {
          if (event.detail > 0) event.currentTarget.blur();
          jumpToCard(support.target);
        }}
        className="rounded-sm border-b-2 border-mark-line bg-mark px-0.5 text-left text-ink hover:brightness-95 dark:hover:brightness-125"
      >
        {trimmed(words)}
      </button>{" "}
    </>
  );
}

function trimmed(words: readonly Word[]): ReactNode {
  return words.map((word, index) => (
    <span key={index} data-testid="word-stable" data-start={word.start_s}>
      {word.text}
      {index < words.length - 1 && " "}
    </span>
  ));
}

function Unsettled({ words }: { words: readonly Word[] }) {
  return words.map((word, index) => (
    <span key={index} data-testid="word-partial" className="text-faint italic">
      {word.text}{" "}
    </span>
  ));
}

interface WordRun {
  readonly words: Word[];
  readonly support: Support | null;
}

function runs(words: readonly Word[], marks: readonly (Support | null)[]): WordRun[] {
  const all: WordRun[] = [];
  words.forEach((word, index) => {
    const support = marks[index] ?? null;
    const last = all.at(-1);
    if (last && last.support?.target === support?.target) last.words.push(word);
    else all.push({ words: [word], support });
  });
  return all;
}
