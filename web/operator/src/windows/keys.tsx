import { useStore } from "../state/hooks.ts";
import { openCards } from "../state/cards.ts";
import { change, switchSingleKeys, view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Key } from "../ui/key.tsx";

export function KeysWindow() {
  const { window, singleKeys } = useStore(view);
  return (
    <Dialog open={window === "keys"} onClose={() => change({ window: null })} title={strings.keys.title}>
      <dl className="grid grid-cols-2 gap-x-8 gap-y-1.5 text-[13px]">
        {strings.keys.list.map(([keys, what]) => (
          <div key={keys} className="flex items-center justify-between gap-3 border-b border-line py-1">
            <dt>{what}</dt>
            <dd>
              <Key>{keys}</Key>
            </dd>
          </div>
        ))}
      </dl>
      <label className="mt-4 flex items-start gap-2.5 text-[13px]">
        <input type="checkbox" checked={singleKeys} onChange={switchSingleKeys} className="mt-0.5 size-4 accent-(--accent)" />
        <span>
          <span className="font-medium">{strings.keys.single}</span>
          <span className="block text-soft">{strings.keys.singleAbout}</span>
        </span>
      </label>
      <Button className="mt-4" onClick={() => void openCards()} data-testid="cards">
        {strings.keys.cards}
      </Button>
    </Dialog>
  );
}
