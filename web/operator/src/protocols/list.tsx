/** The protocols of a centre, the most urgent first, with where each stands. */
import type { ApprovalState, ProtocolLine, ProtocolPage } from "@kiwimesh/sdk";
import { useState } from "react";

import { timeOfDay } from "../state/clock.ts";
import { Heading, INPUT, PANEL, Table } from "../trainer/parts.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";
import { isApproved, visible, type Shown } from "./logic.ts";
import { strings } from "./strings.ts";

export function List({ page, onOpen }: { page: ProtocolPage; onOpen: (protocolId: string) => void }) {
  const [shown, setShown] = useState<Shown>("all");
  const [search, setSearch] = useState("");
  const lines = visible(page.protocols, shown, search);
  const left = page.protocols.filter(({ state }) => !isApproved(state)).length;
  return (
    <section className={PANEL}>
      <Heading>{strings.left(left, page.protocols.length)}</Heading>
      <p className="mb-3 text-[13px] text-soft">
        {strings.about} {!page.may_sign && strings.readOnly}
      </p>
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <label className="w-64 text-[13px] font-medium text-soft">
          {strings.search}
          <input type="search" value={search} onChange={({ target }) => setSearch(target.value)} className={INPUT} data-testid="protocol-search" />
        </label>
        {(["all", "open"] as const).map((name) => (
          <Button key={name} look={name === shown ? "strong" : "quiet"} aria-pressed={name === shown} data-testid={`show-${name}`} onClick={() => setShown(name)}>
            {strings.shown[name]}
          </Button>
        ))}
      </div>
      {lines.length === 0 ? (
        <p className="text-soft">{strings.none}</p>
      ) : (
        <Table heads={strings.columns}>
          {lines.map((line) => (
            <Row key={line.protocol_id} line={line} onOpen={() => onOpen(line.protocol_id)} />
          ))}
        </Table>
      )}
    </section>
  );
}

function Row({ line, onOpen }: { line: ProtocolLine; onOpen: () => void }) {
  const { last } = line;
  return (
    <tr data-testid={`protocol-${line.protocol_id}`} data-state={line.state}>
      <td>
        <CategoryMark category={line.category} className="size-6" />
      </td>
      <td>{line.title}</td>
      <td className="tabular-nums">{line.version}</td>
      <td>
        <StateBadge state={line.state} />
      </td>
      <td>{last && `${last.name}, ${last.at.slice(0, 10)} ${timeOfDay(last.at)}`}</td>
      <td>
        <Button size="small" onClick={onOpen} data-testid={`read-${line.protocol_id}`}>
          {strings.read}
          <span className="sr-only">{line.title}</span>
        </Button>
      </td>
    </tr>
  );
}

export function StateBadge({ state }: { state: ApprovalState }) {
  return <Badge tone={isApproved(state) ? "good" : "warn"}>{strings.state[state]}</Badge>;
}
