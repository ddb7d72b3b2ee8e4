import type { Problem } from "@kiwimesh/sdk";
import type { ReactNode } from "react";

import { Trouble } from "../ui/trouble.tsx";
import { strings } from "./strings.ts";

export const PANEL = "rounded-lg border border-line bg-surface p-4";
export const INPUT = "mt-1 block h-9 w-full rounded-md border border-line-strong bg-surface px-2 text-ink";

export function Heading({ children }: { children: ReactNode }) {
  return <h2 className="mb-3 text-base font-semibold">{children}</h2>;
}

/** What is not there yet, is refused, or is empty. Null when there is something to show. */
export function State({ value, problem, empty }: { value: readonly unknown[] | null; problem: Problem | null; empty: string }) {
  if (problem) return <Trouble title={problem.message} about={problem.way_out} />;
  if (value === null) return <p role="status">{strings.loading}</p>;
  return value.length === 0 ? <p className="text-soft">{empty}</p> : null;
}

export function Table({ heads, children }: { heads: readonly string[]; children: ReactNode }) {
  return (
    <table className="w-full border-collapse text-left text-[13px] [&_td]:border-t [&_td]:border-line [&_td]:py-1.5 [&_td]:pr-3 [&_td]:align-top">
      <thead>
        <tr>
          {heads.map((head, index) => (
            <th key={index} scope="col" className="py-1 pr-3 font-medium text-soft">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
