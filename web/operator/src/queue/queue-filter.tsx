import { EVERYTHING, type CallSummary } from "@kiwimesh/sdk";

import { useStore } from "../state/hooks.ts";
import { change, view } from "../state/view.ts";
import { strings } from "../strings.ts";

const SELECT = "h-7 min-w-0 flex-1 basis-28 rounded-md border border-line bg-surface px-1 text-xs text-ink";

/** For supervisors: whose calls, which category, and who waits too long. */
export function QueueFilterBar({ calls }: { calls: Iterable<CallSummary> }) {
  const { filter } = useStore(view);
  const operators = [...new Set([...calls].flatMap((call) => call.answered_by ?? []))].sort();
  const set = (part: Partial<typeof filter>) => change({ filter: { ...filter, ...part } });
  const chosen = filter !== EVERYTHING && Object.values(filter).some((value) => value !== null && value !== false);
  return (
    <div role="group" aria-label={strings.filter.label} data-testid="queue-filter" className="flex shrink-0 flex-wrap items-center gap-1.5 border-b border-line bg-raised px-2 py-1.5">
      <select
        aria-label={strings.filter.operator}
        value={filter.operator ?? ""}
        onChange={({ target }) => set({ operator: target.value || null })}
        className={SELECT}
      >
        <option value="">{strings.filter.everybody}</option>
        {operators.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select
        aria-label={strings.category.word}
        value={filter.category ?? ""}
        onChange={({ target }) => set({ category: target.value === "" ? null : Number(target.value) })}
        className={SELECT}
      >
        <option value="">{strings.filter.anyCategory}</option>
        {[1, 2, 3, 4, 5, 0].map((category) => (
          <option key={category} value={category}>
            {category === 0 ? strings.category.name(null) : strings.category.title(category)}
          </option>
        ))}
      </select>
      <label className="flex h-7 items-center gap-1.5 text-xs whitespace-nowrap">
        <input type="checkbox" checked={filter.late} onChange={({ target }) => set({ late: target.checked })} className="size-3.5 accent-(--accent)" />
        {strings.filter.late}
      </label>
      {chosen && (
        <button type="button" onClick={() => change({ filter: EVERYTHING })} className="h-7 rounded px-1.5 text-xs font-medium text-accent hover:bg-surface">
          {strings.filter.clear}
        </button>
      )}
    </div>
  );
}
