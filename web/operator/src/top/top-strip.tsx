import { BrandMark } from "../screens/gate.tsx";
import { useConsole, useDesk, useStore } from "../state/hooks.ts";
import { sounds } from "../state/sounds.ts";
import { change, switchTheme, view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { tabsOf } from "../trainer/tabs.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";
import { LiveStrip } from "./live-strip.tsx";
import { ModelsBadge } from "./models-badge.tsx";
import { SeatSwitch } from "./seat-switch.tsx";

export function TopStrip({ onSignOut }: { onSignOut: () => void }) {
  const { roles } = useDesk();
  const centre = useConsole((state) => state.centreName);
  const name = useConsole((state) => state.seat?.display_name ?? "");
  return (
    <header className="flex h-12 items-center gap-4 border-b border-line bg-surface px-3">
      <div className="flex min-w-0 items-center gap-2">
        <BrandMark className="size-5 shrink-0" />
        <h1 className="truncate font-semibold tracking-tight">{centre || strings.product}</h1>
      </div>
      <SeatSwitch />
      <div className="flex flex-1 items-center justify-end gap-3">
        <ModelsBadge />
        <LiveStrip />
        <span className="truncate text-[13px] text-soft">{name}</span>
        {tabsOf(roles).length > 0 && (
          // In a tab of its own: whoever leaves the desk would leave their call.
          <a href="#training" target="_blank" rel="noopener" data-testid="to-training" className="text-[13px] underline">
            {strings.strip.training}
          </a>
        )}
        {roles.includes("supervisor") && (
          <a href="#protocols" target="_blank" rel="noopener" data-testid="to-protocols" className="text-[13px] underline">
            {strings.strip.protocols}
          </a>
        )}
        <Tools onSignOut={onSignOut} />
      </div>
    </header>
  );
}

function Tools({ onSignOut }: { onSignOut: () => void }) {
  const sound = useStore(sounds.state);
  const { theme } = useStore(view);
  const soundLabel = { on: strings.strip.soundOn, off: strings.strip.soundOff, blocked: strings.strip.soundBlocked }[sound];
  const themeLabel = theme === "dark" ? strings.strip.toLight : strings.strip.toDark;
  return (
    <div className="flex items-center gap-0.5 border-l border-line pl-2">
      <Button
        look="quiet"
        size="small"
        aria-label={soundLabel}
        aria-pressed={sound !== "off"}
        title={soundLabel}
        onClick={() => sounds.toggle()}
      >
        <Icon name={sound === "on" ? "sound" : "mute"} className={sound === "blocked" ? "size-4 text-warn" : "size-4"} />
      </Button>
      <Button look="quiet" size="small" data-testid="theme" aria-label={themeLabel} title={themeLabel} onClick={switchTheme}>
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </Button>
      <Button
        look="quiet"
        size="small"
        aria-label={strings.strip.keys}
        title={strings.strip.keys}
        onClick={() => change({ window: "keys" })}
      >
        <Icon name="keyboard" />
      </Button>
      <Button look="quiet" size="small" aria-label={strings.strip.signOut} title={strings.strip.signOut} onClick={onSignOut}>
        <Icon name="signOut" />
      </Button>
    </div>
  );
}
