/** The medical directors' page: the protocols of a centre, one of them in full, signing it, taking the signature back. */
import { HttpClient, type SessionClient } from "@kiwimesh/sdk";
import { useCallback, useMemo, useState } from "react";

import { BrandMark } from "../screens/gate.tsx";
import { useRead } from "../trainer/http.ts";
import { INPUT } from "../trainer/parts.tsx";
import { Button } from "../ui/button.tsx";
import { Trouble } from "../ui/trouble.tsx";
import { List } from "./list.tsx";
import { Sheet } from "./sheet.tsx";
import { strings } from "./strings.ts";

interface ProtocolRoomProps {
  readonly session: SessionClient;
  readonly onSignOut: () => void;
}

const ALL = 200;

export default function ProtocolRoom({ session, onSignOut }: ProtocolRoomProps) {
  const http = useMemo(() => new HttpClient(session), [session]);
  const me = session.current?.me;
  const own = me?.centre_id ?? null;
  const roles = me?.roles ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const askCentres = useCallback(async () => {
    const { directors } = (await http.call("list_medical_directors", { query: { mine: true, limit: ALL } })).body;
    const signsFor = directors.map(({ centre_id }) => centre_id);
    return [...new Set(own === null ? signsFor : [...signsFor, own])];
  }, [http, own]);
  const { value: centres, problem } = useRead(askCentres);
  const centre = chosen ?? centres?.[0] ?? null;
  return (
    <div className="min-h-full" data-testid="protocol-room">
      <header className="flex h-12 items-center gap-4 border-b border-line bg-surface px-4 print:hidden">
        <BrandMark className="size-5 shrink-0" />
        <h1 className="flex-1 font-semibold tracking-tight">{strings.title}</h1>
        {centres && centres.length > 1 && (
          <label className="flex items-center gap-2 text-[13px] text-soft">
            {strings.centre}
            <select value={centre ?? ""} onChange={({ target }) => setChosen(target.value)} className={INPUT} data-testid="protocol-centre">
              {centres.map((id) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
            </select>
          </label>
        )}
        {(roles.includes("operator") || roles.includes("supervisor")) && (
          <a href="#" className="text-[13px] underline">
            {strings.toDesk}
          </a>
        )}
        <Button look="quiet" onClick={onSignOut}>
          {strings.signOut}
        </Button>
      </header>
      <main className="mx-auto grid max-w-5xl gap-4 p-4">
        {problem && <Trouble title={problem.message} about={problem.way_out} />}
        {centres?.length === 0 && <Trouble title={strings.noCentre} about={strings.noCentreAbout} />}
        {centre !== null && <Centre key={centre} http={http} centreId={centre} />}
      </main>
    </div>
  );
}

function Centre({ http, centreId }: { http: HttpClient; centreId: string }) {
  const [open, setOpen] = useState<string | null>(null);
  const ask = useCallback(
    () => http.call("list_protocols", { path: { centre_id: centreId }, query: { limit: ALL } }).then(({ body }) => body),
    [http, centreId],
  );
  const { value: page, problem, again } = useRead(ask);
  if (page === null) return problem && <Trouble title={problem.message} about={problem.way_out} />;
  if (open === null) return <List page={page} onOpen={setOpen} />;
  return <Sheet key={open} http={http} page={page} protocolId={open} onOpen={setOpen} onDone={again} />;
}
