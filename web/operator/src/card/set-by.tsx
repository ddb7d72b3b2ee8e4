import type { Source } from "@kiwimesh/sdk";

import { strings } from "../strings.ts";
import { cn } from "../ui/classes.ts";

/** Who set something: the rules, a model with its version, an operator, or what the caller's device sent. */
export function SetByMark({ source }: { source: Source }) {
  const model = source.set_by === "model";
  return (
    <span
      data-set-by={source.set_by}
      title={strings.card.setByAbout(source)}
      className={cn("truncate text-xs font-normal text-faint", model && "rounded border border-line px-1 text-soft")}
    >
      {model ? `${strings.card.setBy.model} ${source.reference}` : strings.card.setBy[source.set_by]}
    </span>
  );
}
