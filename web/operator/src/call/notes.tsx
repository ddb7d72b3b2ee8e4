import type { Note } from "@kiwimesh/sdk";
import { useState, type FormEvent, type KeyboardEvent } from "react";

import { clock, timeOfDay } from "../state/clock.ts";
import { useDesk } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";

export function Notes({ notes }: { notes: readonly Note[] }) {
  if (notes.length === 0) return <p className="px-4 py-12 text-center text-soft">{strings.notes.empty}</p>;
  return (
    <ul className="divide-y divide-line px-4">
      {notes.map((note) => (
        <li key={note.seq} className="py-2.5">
          <p className="whitespace-pre-wrap">{note.text}</p>
          <p className="text-xs text-soft tabular-nums">
            {timeOfDay(note.at)} · {clock(note.callS)}
          </p>
        </li>
      ))}
    </ul>
  );
}

export function NoteForm({ callId }: { callId: string }) {
  const desk = useDesk();
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    void desk.act("note.add", { call_id: callId, text: text.trim() });
    setText("");
  };
  const leave = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Escape") event.currentTarget.blur();
  };
  return (
    <form onSubmit={submit} className="flex shrink-0 gap-2 border-t border-line bg-raised px-3 py-2">
      <label htmlFor="note-text" className="sr-only">
        {strings.notes.label}
      </label>
      <input
        id="note-text"
        data-testid="note-text"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={leave}
        maxLength={4000}
        autoComplete="off"
        placeholder={`${strings.notes.placeholder}  (N)`}
        className="h-8 min-w-0 flex-1 rounded-md border border-line bg-surface px-3 text-sm placeholder:text-faint"
      />
      <Button type="submit" disabled={!text.trim()} data-testid="note-submit">
        {strings.notes.submit}
      </Button>
    </form>
  );
}
