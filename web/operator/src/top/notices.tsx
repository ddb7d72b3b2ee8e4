import { useEffect } from "react";

import type { Notice } from "../state/desk.ts";
import { useDesk, useStore } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";
import { Trouble } from "../ui/trouble.tsx";

const SHOWN_MS = 12_000;

/** Actions that were refused, with the way out. */
export function Notices() {
  const notices = useStore(useDesk().notices);
  return (
    <div className="fixed bottom-4 left-1/2 z-30 grid w-[min(520px,90vw)] -translate-x-1/2 gap-2">
      {notices.map((notice) => (
        <OneNotice key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function OneNotice({ notice: { id, problem } }: { notice: Notice }) {
  const desk = useDesk();
  useEffect(() => {
    const timer = setTimeout(() => desk.dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [desk, id]);
  return (
    <Trouble title={problem.message} about={problem.way_out} className="shadow-card">
      <Button look="quiet" size="small" aria-label={strings.dismiss} onClick={() => desk.dismiss(id)}>
        <Icon name="close" />
      </Button>
    </Trouble>
  );
}
