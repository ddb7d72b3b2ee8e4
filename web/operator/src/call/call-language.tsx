import { useDesk, type ShownCall } from "../state/hooks.ts";
import { strings } from "../strings.ts";

/** What a centre hears most; the wire takes every language that the recogniser knows. */
const OFFERED = ["en", "es", "fr", "de", "it", "pt", "nl", "pl", "ro", "ru", "uk", "tr", "ar", "fa", "hi", "ur", "bn", "zh", "vi", "so"];
const names = new Intl.DisplayNames("en", { type: "language" });

/** Which language the caller speaks, where the recogniser took it for another. */
export function CallLanguage({ call: { callId, view: log, mine } }: { call: ShownCall }) {
  const desk = useDesk();
  if (!mine || log.ended) return null;
  const set = log.timeline.findLast(({ body }) => body.kind === "speech.language_set")?.body;
  const value = set?.kind === "speech.language_set" ? set.language : (log.started?.language ?? null);
  const offered = value === null || OFFERED.includes(value) ? OFFERED : [value, ...OFFERED];
  return (
    <select
      aria-label={strings.call.language}
      title={strings.call.language}
      value={value ?? ""}
      onChange={({ target }) => void desk.act("call.language", { call_id: callId, language: target.value || null })}
      data-testid="call-language"
      className="h-7 max-w-32 rounded-md border border-line bg-surface px-1 text-xs text-ink"
    >
      <option value="">{strings.call.languageDetected}</option>
      {offered.map((code) => (
        <option key={code} value={code}>
          {names.of(code)}
        </option>
      ))}
    </select>
  );
}
