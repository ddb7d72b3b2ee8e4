/** Classes that several parts share. */
export const CARD = "rounded-2xl border border-line bg-surface px-4 py-4";
/** Thick enough for a glove. */
export const BUTTON = "flex min-h-14 items-center justify-center gap-3 rounded-xl px-5 text-lg font-semibold active:brightness-90";
export const SOLID = `${BUTTON} bg-accent text-accent-ink`;
export const PLAIN = `${BUTTON} border-2 border-line bg-surface`;
