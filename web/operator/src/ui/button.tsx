import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps, MouseEvent } from "react";

import { cn } from "./classes.ts";
import { Key } from "./key.tsx";

const button = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none " +
    "transition-colors disabled:opacity-45 disabled:cursor-not-allowed [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        solid: "bg-accent text-accent-ink hover:brightness-110",
        plain: "border border-line bg-surface text-ink hover:bg-raised",
        quiet: "text-soft hover:bg-raised hover:text-ink",
        strong: "border border-line-strong bg-surface text-ink hover:bg-raised",
      },
      size: { small: "h-7 px-2 text-xs", normal: "h-8 px-3 text-[13px]", large: "h-11 px-5 text-base" },
    },
    defaultVariants: { look: "plain", size: "normal" },
  },
);

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof button> {
  /** The key that does the same, shown on the button. */
  readonly shortcut?: string;
}

export function Button({ look, size, shortcut, className, children, onClick, ...rest }: ButtonProps) {
  const click = (event: MouseEvent<HTMLButtonElement>) => {
    // A button that was clicked must not swallow the next Space or Enter, which mean something else here.
    if (event.detail > 0) event.currentTarget.blur();
    onClick?.(event);
  };
  return (
    <button
      type="button"
      className={cn(button({ look, size }), className)}
      aria-keyshortcuts={shortcut}
      onClick={click}
      {...rest}
    >
      {children}
      {shortcut && <Key inverted={look === "solid"}>{shortcut}</Key>}
    </button>
  );
}
