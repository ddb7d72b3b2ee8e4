import type { SystemState } from "@kiwimesh/sdk";

import { useConsole, useDesk, useStore } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/icons.tsx";

type Part = keyof typeof strings.system.part;

const PARTS = Object.keys(strings.system.part) as Part[];

/** What the server cannot do at present, in words. Not there when all is well. */
export function SystemMessages() {
  const { connection } = useDesk();
  const link = useStore(connection.link);
  const system = useConsole((state) => state.system);
  const messages = [...(link.state === "live" ? [] : [strings.live.staleAbout]), ...messagesOf(system)];
  if (messages.length === 0) return null;
  return (
    <div role="status" className="border-b border-warn-line bg-warn-tint px-3 py-1.5 text-[13px]">
      {messages.map((message) => (
        <p key={message} className="flex items-center gap-2 py-0.5">
          <Icon name="warning" className="size-4 shrink-0 text-warn" />
          {message}
        </p>
      ))}
    </div>
  );
}

/** The server's own words where it has some, else one sentence for each part that is degraded. */
function messagesOf(system: SystemState | null): readonly string[] {
  if (!system) return [];
  if (system.messages.length > 0) return system.messages;
  return PARTS.filter((part) => system[part] === "degraded").map(strings.system.degraded);
}
