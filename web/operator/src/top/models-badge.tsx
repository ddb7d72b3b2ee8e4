import type { ModelsState } from "@kiwimesh/sdk";

import { useConsole } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Badge } from "../ui/badge.tsx";

/** Which language models help at present; text of a call goes to the centre's own ones alone. */
export function ModelsBadge() {
  const models = useConsole((state) => state.system?.models ?? null);
  const router = useConsole((state) => state.system?.router ?? "off");
  if (!models) return null;
  const down = models.floor_only && router !== "off";
  return (
    <span data-testid="models" data-state={stateOf(models, router)}>
      <Badge tone={down ? "warn" : "plain"} title={strings.models.about(models)}>
        {models.floor_only ? strings.models.floorOnly : strings.models.sides(models)}
      </Badge>
    </span>
  );
}

function stateOf(models: ModelsState, router: string): string {
  if (router === "off") return "off";
  return models.floor_only ? "floor_only" : models.self_hosted;
}
