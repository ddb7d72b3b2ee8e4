/** The contract's types, and those that only the server side of the tests needs. */
export type * from "../src/contract.ts";

export interface Command {
  readonly command_id: string;
}

export interface ConsoleAuth {
  readonly token: string;
  readonly console_id: string;
  readonly epoch: string | null;
  readonly last_seq?: number;
}
