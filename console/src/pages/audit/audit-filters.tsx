import { Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Query } from '../../api/call.js';
import { Button } from '../../ui/button.js';
import { Input } from '../../ui/field.js';

export type AuditSearch = Pick<
  Query<'audit.list'>,
  'actor' | 'action' | 'kind' | 'object_id' | 'request_id' | 'address' | 'after' | 'before'
> & { readonly since?: string; readonly until?: string };

const fields = [
  ['actor', 'Actor'],
  ['action', 'Action'],
  ['kind', 'Kind of object'],
  ['object_id', 'Object id'],
  ['request_id', 'Request id'],
  ['address', 'Address'],
] as const;

type Words = Readonly<Record<string, string | undefined>>;

/** What the list of changes is narrowed by. */
export function AuditFilters({ search, onChange }: { readonly search: AuditSearch; readonly onChange: (part: Words) => void }) {
  const [draft, setDraft] = useState<Words>({});
  const shown = (name: keyof AuditSearch) => draft[name] ?? search[name]?.toString() ?? '';
  const address = JSON.stringify(search);
  useEffect(() => setDraft({}), [address]);
  const isFiltered = Object.keys(search).some((name) => name !== 'after' && name !== 'before');
  const clear = () => onChange(Object.fromEntries(Object.keys(search).map((name) => [name, undefined])));
  return (
    <form
      className="flex flex-wrap items-center gap-2 border-b border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(draft);
      }}
    >
      {fields.map(([name, label], place) => (
        <Input
          key={name}
          aria-label={label}
          placeholder={label}
          className="sm:w-40"
          {...(place === 0 ? { 'data-search': true } : {})}
          value={shown(name)}
          onChange={({ target }) => setDraft({ ...draft, [name]: target.value.trim() })}
        />
      ))}
      {(['since', 'until'] as const).map((name) => (
        <label key={name} className="flex items-center gap-1.5 text-xs text-muted">
          {name === 'since' ? 'From' : 'Before'}
          <Input
            type="date"
            className="w-38"
            value={shown(name)}
            onChange={({ target }) => setDraft({ ...draft, [name]: target.value })}
          />
        </label>
      ))}
      <Button type="submit" icon={Search}>
        Filter
      </Button>
      {isFiltered && (
        <Button look="quiet" icon={X} onClick={clear}>
          Clear
        </Button>
      )}
    </form>
  );
}
