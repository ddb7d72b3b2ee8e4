import type { ReactNode } from "react";

interface SectionProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, aside, children }: SectionProps) {
  return (
    <section className="border-t border-line px-4 py-2.5">
      <div className="mb-1 flex items-center justify-between gap-2">
        <h3 className="text-[11px] font-semibold tracking-wide text-soft uppercase">{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}
