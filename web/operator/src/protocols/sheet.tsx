/** One protocol in full, as a physician reads it, with what was done about it and what may be done now. */
import type { HttpClient, ProtocolPage, ProtocolSheet } from "@kiwimesh/sdk";
import { useCallback, useEffect, useState } from "react";

import { timeOfDay } from "../state/clock.ts";
import { useRead } from "../trainer/http.ts";
import { PANEL } from "../trainer/parts.tsx";
import { Button } from "../ui/button.tsx";
import { CategoryMark } from "../ui/category.tsx";
import { Trouble } from "../ui/trouble.tsx";
import { StateBadge } from "./list.tsx";
import { deedOf, isApproved, mayWithdraw, nextOpen } from "./logic.ts";
import { strings } from "./strings.ts";
import { Words } from "./words.tsx";
import { SignWindow, WithdrawWindow } from "./windows.tsx";

interface SheetProps {
  readonly http: HttpClient;
  readonly page: ProtocolPage;
  readonly protocolId: string;
  readonly onOpen: (protocolId: string | null) => void;
  /** Something was signed or taken back: the list is out of date. */
  readonly onDone: () => void;
}

export function Sheet({ http, page, protocolId, onOpen, onDone }: SheetProps) {
  const [window, setWindow] = useState<"sign" | "withdraw" | null>(null);
  const path = { centre_id: page.centre_id, protocol_id: protocolId };
  const ask = useCallback(
    () => http.call("read_protocol", { path: { centre_id: page.centre_id, protocol_id: protocolId } }).then(({ body }) => body),
    [http, page.centre_id, protocolId],
  );
  const { value: sheet, problem, again } = useRead(ask);
  const next = nextOpen(page.protocols, protocolId);
  const state = sheet?.state ?? "never";
  const maySign = sheet?.may_sign ?? false;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (window !== null || event.ctrlKey || event.metaKey || event.altKey) return;
      const deed = deedOf(event.key, state, maySign);
      if (deed === null) return;
      event.preventDefault();
      if (deed === "back") onOpen(null);
      else if (deed === "next") onOpen(next ?? protocolId);
      else setWindow(deed);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [window, state, maySign, next, protocolId, onOpen]);
  if (sheet === null) return problem && <Trouble title={problem.message} about={problem.way_out} />;
  const close = (done: boolean) => {
    setWindow(null);
    if (!done) return;
    again();
    onDone();
  };
  return (
    <>
      <div className="sticky top-0 z-10 flex flex-wrap items-center gap-3 bg-page py-2 print:hidden">
        <Button shortcut="Esc" onClick={() => onOpen(null)} data-testid="protocol-back">
          {strings.back}
        </Button>
        {next !== null && (
          <Button shortcut="N" onClick={() => onOpen(next)} data-testid="protocol-next">
            {strings.next}
          </Button>
        )}
        <span className="flex-1" />
        {maySign && mayWithdraw(state) && (
          <Button shortcut="W" onClick={() => setWindow("withdraw")} data-testid="protocol-withdraw">
            {strings.withdraw}
          </Button>
        )}
        {maySign && !isApproved(state) && (
          <Button look="solid" shortcut="S" onClick={() => setWindow("sign")} data-testid="protocol-sign">
            {strings.sign}
          </Button>
        )}
      </div>
      <article className={PANEL} data-testid="protocol-sheet" data-state={state}>
        <header className="flex items-center gap-3">
          <CategoryMark category={sheet.text.category} />
          <div>
            <h2 className="text-lg font-semibold">{sheet.text.title}</h2>
            <p className="text-[13px] text-soft">{strings.version(sheet.text.version, sheet.digest)}</p>
          </div>
          <StateBadge state={state} />
        </header>
        <Words text={sheet.text} />
        <History sheet={sheet} />
      </article>
      <SignWindow open={window === "sign"} http={http} path={path} sheet={sheet} onClose={close} />
      <WithdrawWindow open={window === "withdraw"} http={http} path={path} title={sheet.text.title} onClose={close} />
    </>
  );
}

function History({ sheet }: { sheet: ProtocolSheet }) {
  return (
    <section className="mt-5 border-t border-line pt-3 text-[13px]">
      <h3 className="font-semibold">{strings.history}</h3>
      {sheet.history.length === 0 && <p className="text-soft">{strings.noHistory}</p>}
      <ul>
        {sheet.history.map((one) => (
          <li key={one.approval_id} data-testid="approval">
            {one.at.slice(0, 10)} {timeOfDay(one.at)}: {strings.did[one.deed]}, {one.name}, {strings.version(one.version, one.digest)}
            {one.second_factor && `, ${strings.withCode}`}
            {one.reason && `: “${one.reason}”`}
          </li>
        ))}
      </ul>
    </section>
  );
}
