import { strings } from "../strings.ts";
import { Badge } from "../ui/badge.tsx";

/** Whether a medical director has signed this text. Nobody may take a draft for medicine. */
export function Approval({ by }: { by: string | null }) {
  return by ? <Badge tone="good">{strings.card.approvedBy(by)}</Badge> : <Badge tone="warn">{strings.card.notApproved}</Badge>;
}
