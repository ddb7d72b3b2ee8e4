import type { ReactNode } from "react";

import { cn } from "./classes.ts";
import { Icon } from "./icons.tsx";

interface TroubleProps {
  readonly title: string;
  readonly about?: string;
  readonly className?: string;
  readonly children?: ReactNode;
}

/** Something does not work: what it is, and the way out. */
export function Trouble({ title, about, className, children }: TroubleProps) {
  return (
    <div role="alert" className={cn("flex gap-2.5 rounded-md border border-warn-line bg-warn-tint px-3 py-2 text-[13px]", className)}>
      <Icon name="warning" className="mt-0.5 size-4 shrink-0 text-warn" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {about && <p className="text-soft">{about}</p>}
      </div>
      {children}
    </div>
  );
}
