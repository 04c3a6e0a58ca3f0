import { Plus } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { Button } from '../../ui/button.js';
import { Check, Input } from '../../ui/field.js';

export interface Choice {
  readonly value: string;
  readonly note?: ReactNode;
}

interface PickProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly choices: readonly Choice[];
  readonly value: readonly string[];
  readonly fault?: string | undefined;
  /** What stands there when there is nothing to choose. */
  readonly none: ReactNode;
  readonly onChange: (value: string[]) => void;
}

/** Names that a key may use: some of those that there are, all of them and those to come, or names that do not exist yet. */
export function PickNames({ label, hint, choices, value, fault, none, onChange }: PickProps) {
  const id = useId();
  const isAll = value.includes('*');
  const known = choices.map((choice) => choice.value);
  const others = value.filter((name) => name !== '*' && !known.includes(name));
  const toggle = (name: string, on: boolean) => onChange(on ? [...value, name] : value.filter((one) => one !== name));
  const shown = [...choices, ...others.map((name) => ({ value: name, note: 'does not exist yet' }))];
  return (
    <fieldset className="min-w-0" aria-describedby={fault === undefined && hint === undefined ? undefined : id}>
      <legend className="text-sm font-medium">{label}</legend>
      {(fault ?? hint) !== undefined && (
        <p id={id} className={`text-xs ${fault === undefined ? 'text-muted' : 'text-bad'}`}>
          {fault ?? hint}
        </p>
      )}
      {shown.length === 0 ? (
        <p className="mt-1 text-sm text-muted">{none}</p>
      ) : (
        <div className="mt-1.5 flex max-h-52 flex-col gap-1 overflow-y-auto">
          {shown.map(({ value: name, note }) => (
            <Check
              key={name}
              checked={isAll || value.includes(name)}
              disabled={isAll}
              onChange={(event) => toggle(name, event.target.checked)}
              label={
                <>
                  <span className="font-medium break-all">{name}</span>
                  {note !== undefined && <span className="text-muted"> · {note}</span>}
                </>
              }
            />
          ))}
        </div>
      )}
      <Check
        className="mt-2 border-t border-line pt-2"
        checked={isAll}
        onChange={(event) => onChange(event.target.checked ? ['*'] : [])}
        label="All, future ones too"
      />
      {!isAll && <OtherName label={label} onAdd={(name) => !value.includes(name) && onChange([...value, name])} />}
    </fieldset>
  );
}

function OtherName({ label, onAdd }: { readonly label: string; readonly onAdd: (name: string) => void }) {
  const [text, setText] = useState('');
  const add = () => {
    if (text.trim() !== '') onAdd(text.trim());
    setText('');
  };
  return (
    <div className="mt-2 flex gap-2">
      <Input
        aria-label={`Another name for ${label}`}
        placeholder="Another name"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        }}
      />
      <Button icon={Plus} disabled={text.trim() === ''} onClick={add}>
        Add
      </Button>
    </div>
  );
}
