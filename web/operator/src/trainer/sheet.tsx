/** A score sheet, line by line, with the second of the call that each line rests on. */
import type { ScoreSheet, Verdict } from "@kiwimesh/sdk";

import { clock } from "../state/clock.ts";
import { Heading, PANEL, Table } from "./parts.tsx";
import { strings } from "./strings.ts";

const LOOKS: Record<Verdict, string> = {
  on_time: "text-good",
  kept: "text-good",
  late: "text-warn",
  missed: "font-semibold text-warn",
  broken: "font-semibold text-warn",
};

const at = (seconds: number | null) => (seconds === null ? "–" : clock(seconds));

export function Sheet({ sheet }: { sheet: ScoreSheet }) {
  return (
    <>
      <section className={PANEL}>
        <Heading>{strings.debrief.expected}</Heading>
        <Table heads={strings.debrief.columns}>
          {sheet.lines.map((line, index) => (
            <tr key={index} data-testid="score-line" data-verdict={line.verdict}>
              <td className="tabular-nums">{at(line.at_s)}</td>
              <td>
                {line.label} {line.critical && <strong>({strings.debrief.critical})</strong>}
                <span className={`block ${LOOKS[line.verdict]}`}>{strings.debrief.verdict[line.verdict]}</span>
              </td>
              <td className="tabular-nums">{at(line.deadline_s)}</td>
              <td className="tabular-nums">
                {line.points}/{line.of}
              </td>
              <td className="text-soft">{line.explanation}</td>
            </tr>
          ))}
        </Table>
        {sheet.wrong_fields.length > 0 && (
          <p className="mt-3">
            {strings.debrief.wrong}: {sheet.wrong_fields.join(", ")}
          </p>
        )}
      </section>
      <section className={PANEL}>
        <Heading>{strings.debrief.scorecard}</Heading>
        <ul className="grid gap-1 text-[13px]">
          {sheet.scorecard.map((line) => (
            <li key={line.code} className="grid grid-cols-[16rem_6rem_1fr] gap-3">
              <span>{line.label}</span>
              <span className="tabular-nums">{line.points === null ? strings.debrief.forPerson : `${line.points}/${line.of}`}</span>
              <span className="text-soft">{line.explanation}</span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
