import * as Radix from "@radix-ui/react-dialog";
import type { ReactNode } from "react";

import { strings } from "../strings.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icons.tsx";

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly about?: string;
  readonly children: ReactNode;
}

/**
 * A window over the page. It holds the focus and closes with Escape. Radix's own modal way is not used: it changes styles
 * that every element inherits, which with 200 calls in the queue is worked out anew for thousands of them, four times a
 * window. What is behind is covered, said to be behind (`aria-modal`), and deaf to keys while `View.window` is set.
 */
export function Dialog({ open, onClose, title, about, children }: DialogProps) {
  return (
    <Radix.Root open={open} modal={false} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <div aria-hidden="true" className="fixed inset-0 z-40 bg-black/45" />
        <Radix.Content
          {...(about ? {} : { "aria-describedby": undefined })}
          aria-modal="true"
          onOpenAutoFocus={focusFirst}
          onFocusOutside={(event) => event.preventDefault()}
          className="fixed top-[12vh] left-1/2 z-50 max-h-[80vh] w-[min(560px,92vw)] -translate-x-1/2 overflow-y-auto rounded-lg border border-line bg-surface p-5 shadow-card"
        >
          <div className="mb-3 flex items-start justify-between gap-4">
            <div>
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {about && <Radix.Description className="mt-0.5 text-[13px] text-soft">{about}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <Button look="quiet" size="small" aria-label={strings.close}>
                <Icon name="close" />
              </Button>
            </Radix.Close>
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The window's own first choice, rather than the button that closes it. */
function focusFirst(event: Event): void {
  const first = event.target instanceof Element ? event.target.querySelector<HTMLElement>("[data-first]") : null;
  if (!first) return;
  event.preventDefault();
  first.focus();
}
