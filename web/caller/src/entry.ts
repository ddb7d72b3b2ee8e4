/** Which community's or house's page this is: `/call/?entry=NAME` brings the call to the dispatch centre of that name. */
import type { StartCall } from "@kiwimesh/sdk";

/** As the contract has it: what is no name must not cost anybody the call. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/;

export function entryOf(search: string): Pick<StartCall, "entry"> {
  const entry = new URLSearchParams(search).get("entry");
  return entry !== null && NAME.test(entry) ? { entry } : {};
}
