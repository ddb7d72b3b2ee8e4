import { FieldNameValues, type CardField, type FieldName } from "@kiwimesh/sdk";
import { memo, useEffect, useRef, useState, type KeyboardEvent } from "react";

import * as actions from "../state/actions.ts";
import { useDesk, useStore } from "../state/hooks.ts";
import { cardId } from "../state/jump.ts";
import { change, view } from "../state/view.ts";
import { strings } from "../strings.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";
import { EvidenceLink } from "./evidence-link.tsx";
import { Section } from "./section.tsx";
import { SetByMark } from "./set-by.tsx";

/** The fields of the card, in the order in which an operator reads them; J and K walk, Enter accepts, E edits. */
export function Details({ fields }: { fields: readonly CardField[] }) {
  const { field: active, editing } = useStore(view);
  return (
    <Section title={strings.card.fields}>
      <ul className="-mx-2">
        {FieldNameValues.map((name) => (
          <Detail
            key={name}
            name={name}
            field={fields.find((candidate) => candidate.name === name) ?? null}
            active={name === active}
            editing={name === editing}
          />
        ))}
      </ul>
    </Section>
  );
}

interface DetailProps {
  readonly name: FieldName;
  readonly field: CardField | null;
  readonly active: boolean;
  readonly editing: boolean;
}

const Detail = memo(function Detail({ name, field, active, editing }: DetailProps) {
  return (
    <li
      id={cardId(`field:${name}`)}
      data-testid={`field-${name}`}
      data-state={field?.state ?? "unknown"}
      aria-current={active}
      onClick={() => change({ field: name })}
      className={cn("rounded-md border-l-[3px] border-transparent px-2 py-1", active && "border-accent bg-raised")}
    >
      <div className="grid grid-cols-[116px_minmax(0,1fr)_auto] items-baseline gap-2">
        <span className="min-w-0 text-[13px] text-soft">
          {strings.field[name]}
          {field && !editing && (
            <span className="flex">
              <SetByMark source={field.source} />
            </span>
          )}
        </span>
        {editing ? <Editor name={name} value={field?.label ?? ""} /> : <Value field={field} />}
        {!editing && <State name={name} field={field} active={active} />}
      </div>
    </li>
  );
});

function Value({ field }: { field: CardField | null }) {
  if (!field) return <span className="text-[13px] text-faint">{strings.card.unknown}</span>;
  const [evidence] = field.evidence;
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-2.5">
      <span className="min-w-0 font-medium break-words">{field.label}</span>
      {evidence && <EvidenceLink evidence={evidence} />}
    </span>
  );
}

function State({ name, field, active }: { name: FieldName; field: CardField | null; active: boolean }) {
  const desk = useDesk();
  const settled = field !== null && field.state !== "suggested";
  return (
    <span className="flex items-center gap-1 self-center">
      {settled && (
        <Badge tone="good" title={strings.card[field.state]}>
          <Icon name="check" className="size-3.5" />
          <span className="sr-only">{strings.card[field.state]}</span>
        </Badge>
      )}
      {field && !settled && (
        <Button
          size="small"
          look={active ? "plain" : "quiet"}
          className="h-6"
          {...(active ? { shortcut: "↵" } : {})}
          onClick={() => actions.acceptField(desk, name)}
          aria-label={`${strings.card.accept} ${strings.field[name]}`}
        >
          {strings.card.accept}
        </Button>
      )}
      <Button
        size="small"
        look="quiet"
        className="h-6 px-1.5"
        {...(active ? { shortcut: "E" } : {})}
        onClick={() => change({ field: name, editing: name })}
        aria-label={`${strings.card.edit} ${strings.field[name]}`}
      >
        <Icon name="pencil" className="size-3.5" />
      </Button>
    </span>
  );
}

function Editor({ name, value }: { name: FieldName; value: string }) {
  const desk = useDesk();
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const choices = strings.fieldChoices[name];
  useEffect(() => input.current?.select(), []);
  const keys = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") actions.editField(desk, name, text);
    if (event.key === "Escape") change({ editing: null });
    if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
  };
  return (
    <span className="col-span-2 flex flex-wrap items-center gap-1">
      <input
        ref={input}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={keys}
        maxLength={4000}
        aria-label={strings.field[name]}
        data-testid={`field-${name}-input`}
        className="h-7 min-w-32 flex-1 rounded border border-line-strong bg-surface px-2 text-sm"
      />
      {choices?.map(([choice, label]) => (
        <Button key={choice} size="small" onClick={() => actions.editField(desk, name, choice)}>
          {label}
        </Button>
      ))}
      <Button size="small" look="solid" onClick={() => actions.editField(desk, name, text)}>
        {strings.save}
      </Button>
      <Button size="small" look="quiet" onClick={() => change({ editing: null })}>
        {strings.cancel}
      </Button>
    </span>
  );
}
