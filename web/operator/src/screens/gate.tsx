import type { ReactNode } from "react";

import { strings } from "../strings.ts";

interface GateProps {
  readonly title: string;
  readonly about?: string;
  readonly busy?: boolean;
  readonly children?: ReactNode;
  /** More than fits into the box. */
  readonly below?: ReactNode;
}

/** A page that says why the desk is not there (yet). */
export function Gate({ title, about, busy = false, children, below }: GateProps) {
  return (
    <main className="flex h-full flex-col justify-center overflow-y-auto p-6" aria-busy={busy}>
      <div className="mx-auto w-full max-w-md rounded-xl border border-line bg-surface p-8 text-center shadow-card">
        <Brand />
        <div role="status">
          <h1 className="mt-5 text-lg font-semibold">{title}</h1>
          {about && <p className="mt-1.5 text-soft">{about}</p>}
        </div>
        {busy && <div className="mx-auto mt-5 h-1 w-28 animate-pulse rounded bg-accent" aria-hidden="true" />}
        {children && <div className="mt-6 flex justify-center gap-2">{children}</div>}
      </div>
      {below}
    </main>
  );
}

export function Brand() {
  return (
    <div className="flex items-center justify-center gap-2 text-[15px] font-semibold tracking-tight">
      <BrandMark className="size-6" />
      {strings.product}
    </div>
  );
}

export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className}>
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path
        d="M4 17h6l3-8 5 15 3-9 2 2h5"
        fill="none"
        stroke="var(--accent-ink)"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
