/**
 * Commands until they are answered. Each keeps its id for as long as it is unanswered, over broken connections and over
 * a reload of the page: the server does the same id once, so that sending it again is always right.
 *
 * Bound: 100 commands; one more is refused, since a person cannot have meant a hundred unanswered actions.
 */
import type { OperatorSends } from "./contract.ts";

export type CommandName = {
  [Name in keyof OperatorSends]: Parameters<OperatorSends[Name]>[0] extends { command_id: string } ? Name : never;
}[keyof OperatorSends];

export type CommandBody<Name extends CommandName> = Omit<Parameters<OperatorSends[Name]>[0], "command_id">;

export interface PendingCommand {
  readonly id: string;
  readonly name: CommandName;
  readonly body: object;
}

export interface KeyValueStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const LIMIT = 100;
const KEY = "kiwimesh.commands";

export class CommandQueue {
  private readonly pending = new Map<string, PendingCommand>();
  private readonly store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.store = store;
    for (const command of restore(store)) this.pending.set(command.id, command);
  }

  /** Unanswered commands, oldest first. */
  get unanswered(): readonly PendingCommand[] {
    return [...this.pending.values()];
  }

  has(id: string): boolean {
    return this.pending.has(id);
  }

  /** Null when the queue is full. */
  add(id: string, name: CommandName, body: object): PendingCommand | null {
    if (this.pending.size >= LIMIT) return null;
    const command = { id, name, body };
    this.pending.set(id, command);
    this.save();
    return command;
  }

  answered(id: string): void {
    if (this.pending.delete(id)) this.save();
  }

  clear(): void {
    this.pending.clear();
    this.save();
  }

  private save(): void {
    if (this.pending.size === 0) this.store.removeItem(KEY);
    else this.store.setItem(KEY, JSON.stringify(this.unanswered));
  }
}

function restore(store: KeyValueStore): PendingCommand[] {
  try {
    return JSON.parse(store.getItem(KEY) ?? "[]") as PendingCommand[];
  } catch {
    return [];
  }
}
