/** What the phone keeps, so that a page that is opened in a dead spot is not empty. Signing out removes it. */
import type { Mission, UnitView } from "@kiwimesh/sdk";

export interface Kept {
  readonly personId: string;
  readonly name: string;
  readonly unit: UnitView | null;
  readonly mission: Mission | null;
  readonly heardAt: number;
}

const KEY = "kiwimesh.crew";

export function kept(): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

export function keep(what: Kept): void {
  localStorage.setItem(KEY, JSON.stringify(what));
}

export function forget(): void {
  localStorage.removeItem(KEY);
}
