/** Every closed real call against its complaint's protocol, for a supervisor. */
import type { ReviewedCall } from "@kiwimesh/sdk";
import { useCallback, useState } from "react";

import { timeOfDay } from "../state/clock.ts";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";
import { useRead, useRoom } from "./http.ts";
import { Heading, PANEL, State, Table } from "./parts.tsx";
import { Sheet } from "./sheet.tsx";
import { strings } from "./strings.ts";

export function Review() {
  const { http } = useRoom();
  const [open, setOpen] = useState<string | null>(null);
  const [pages, setPages] = useState<readonly (string | null)[]>([null]);
  const ask = useCallback(async () => {
    const answers = await Promise.all(pages.map((cursor) => http.call("list_reviewed_calls", { query: { cursor } })));
    return { calls: answers.flatMap(({ body }) => body.calls), next: answers.at(-1)?.body.next_cursor ?? null };
  }, [http, pages]);
  const { value, problem } = useRead(ask);
  if (open !== null) return <One callId={open} onBack={() => setOpen(null)} />;
  return (
    <section className={PANEL}>
      <Heading>{strings.quality}</Heading>
      <p className="mb-3 text-[13px] text-soft">{strings.review.about}</p>
      <State value={value?.calls ?? null} problem={problem} empty={strings.review.none} />
      {value && value.calls.length > 0 && (
        <Table heads={strings.review.columns}>
          {value.calls.map((call) => (
            <Line key={call.call_id} call={call} onOpen={() => setOpen(call.call_id)} />
          ))}
        </Table>
      )}
      {value?.next && (
        <Button className="mt-3" onClick={() => setPages((before) => [...before, value.next])}>
          {strings.more}
        </Button>
      )}
    </section>
  );
}

function Line({ call, onOpen }: { call: ReviewedCall; onOpen: () => void }) {
  return (
    <tr data-testid="reviewed">
      <td className="tabular-nums">
        {call.started_at.slice(0, 10)} {timeOfDay(call.started_at)}
      </td>
      <td>
        <CategoryMark category={call.category} className="size-6" />
      </td>
      <td>{call.protocol.replaceAll("_", " ")}</td>
      <td className="tabular-nums">{strings.debrief.score(call.score)}</td>
      <td>{call.missing.join("; ") || strings.review.nothing}</td>
      <td>
        <Button size="small" data-testid="open-review" onClick={onOpen}>
          {strings.runs.open}
          <span className="sr-only">{call.call_id}</span>
        </Button>
      </td>
    </tr>
  );
}

function One({ callId, onBack }: { callId: string; onBack: () => void }) {
  const { http } = useRoom();
  const { value, problem } = useRead(
    useCallback(() => http.call("review_call", { path: { call_id: callId } }).then(({ body }) => body), [http, callId]),
  );
  return (
    <>
      <div>
        <Button onClick={onBack}>{strings.review.back}</Button>
      </div>
      {value === null ? <State value={null} problem={problem} empty="" /> : <Sheet sheet={value.sheet} />}
    </>
  );
}
