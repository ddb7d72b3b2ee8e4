import { useStore } from "./app.tsx";
import type { Call } from "./call.ts";
import { strings } from "./strings.ts";

export function Samples({ call }: { call: Call }) {
  const samples = useStore(call.samples);
  if (samples === null) return null;
  return (
    <section aria-label={strings.samples.title}>
      <h2 className="text-[15px] font-semibold">{strings.samples.title}</h2>
      <p className="text-sm text-soft">{samples.length > 0 ? strings.samples.about : strings.samples.none}</p>
      <ul className="mt-3 grid gap-2">
        {samples.map((sample) => (
          <li key={sample.sample_id}>
            <button
              type="button"
              data-testid={`sample-${sample.sample_id}`}
              onClick={() => void call.callBySample(sample)}
              className="flex w-full items-center gap-3 rounded-xl border border-line bg-surface px-4 py-3 text-left hover:border-accent"
            >
              <svg viewBox="0 0 24 24" aria-hidden="true" className="size-5 shrink-0 text-accent">
                <path d="M7 5l11 7-11 7V5Z" fill="currentColor" />
              </svg>
              <span className="min-w-0 flex-1 font-medium">
                <span className="sr-only">{strings.samples.play}</span> {sample.title}
              </span>
              <span className="text-sm text-soft tabular-nums">{strings.samples.seconds(sample.seconds)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
