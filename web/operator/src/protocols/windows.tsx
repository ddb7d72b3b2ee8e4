/** The last step before a signature, and the reason before one is taken back. */
import type { HttpClient, ProtocolSheet } from "@kiwimesh/sdk";
import { useState, type FormEvent } from "react";

import { useDeed } from "../trainer/http.ts";
import { INPUT } from "../trainer/parts.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Trouble } from "../ui/trouble.tsx";
import { strings } from "./strings.ts";

interface Path {
  readonly centre_id: string;
  readonly protocol_id: string;
}

interface WindowProps {
  readonly open: boolean;
  readonly http: HttpClient;
  readonly path: Path;
  readonly onClose: (done: boolean) => void;
}

export function SignWindow({ open, http, path, sheet, onClose }: WindowProps & { sheet: ProtocolSheet }) {
  const { version, title } = sheet.text;
  return (
    <Dialog open={open} onClose={() => onClose(false)} title={strings.signTitle(title)} about={strings.signAbout(version, sheet.digest, path.centre_id)}>
      <SignForm http={http} path={path} sheet={sheet} onClose={onClose} />
    </Dialog>
  );
}

function SignForm({ http, path, sheet, onClose }: Omit<WindowProps, "open"> & { sheet: ProtocolSheet }) {
  const { busy, problem, act } = useDeed();
  const [read, setRead] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code") ?? "").trim();
    const body = { version: sheet.text.version, digest: sheet.digest, code: code || null };
    act(() => http.call("sign_protocol", { path, body }).then(() => onClose(true)));
  };
  return (
    <form onSubmit={submit}>
      <label className="flex items-center gap-2">
        <input type="checkbox" data-first checked={read} onChange={({ target }) => setRead(target.checked)} data-testid="have-read" /> {strings.haveRead}
      </label>
      {sheet.second_factor && (
        <label className="mt-3 block text-[13px] font-medium text-soft">
          {strings.code}
          <input name="code" required inputMode="numeric" autoComplete="one-time-code" className={INPUT} data-testid="sign-code" />
        </label>
      )}
      {problem && <Trouble className="mt-3" title={problem.message} about={problem.way_out} />}
      <div className="mt-4 flex justify-end">
        <Button type="submit" look="solid" disabled={busy || !read} data-testid="sign-confirm">
          {strings.sign}
        </Button>
      </div>
    </form>
  );
}

export function WithdrawWindow({ open, http, path, title, onClose }: WindowProps & { title: string }) {
  return (
    <Dialog open={open} onClose={() => onClose(false)} title={strings.withdrawTitle(title)} about={strings.withdrawAbout}>
      <WithdrawForm http={http} path={path} onClose={onClose} />
    </Dialog>
  );
}

function WithdrawForm({ http, path, onClose }: Omit<WindowProps, "open">) {
  const { busy, problem, act } = useDeed();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    act(() => http.call("withdraw_protocol_approval", { path, body: { reason } }).then(() => onClose(true)));
  };
  return (
    <form onSubmit={submit}>
      <label className="block text-[13px] font-medium text-soft">
        {strings.reason}
        <input name="reason" data-first required minLength={3} maxLength={4000} className={INPUT} data-testid="withdraw-reason" />
      </label>
      {problem && <Trouble className="mt-3" title={problem.message} about={problem.way_out} />}
      <div className="mt-4 flex justify-end">
        <Button type="submit" look="solid" disabled={busy} data-testid="withdraw-confirm">
          {strings.withdraw}
        </Button>
      </div>
    </form>
  );
}
