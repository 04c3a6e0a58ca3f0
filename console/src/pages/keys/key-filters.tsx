import { useNavigate } from '@tanstack/react-router';
import { ArrowDownWideNarrow, ArrowUpNarrowWide, Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { purposes } from 'virtual:facts';
import type { Query } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Input, Select } from '../../ui/field.js';

export type KeySearch = Pick<Query<'keys.list'>, 'state' | 'purpose' | 'preset' | 'search' | 'order' | 'after' | 'before'>;

export const filterNames = ['state', 'purpose', 'preset', 'search'] as const;

const states = ['active', 'disabled', 'revoked', 'expired'] as const;

/** What the list of keys is narrowed by, and in which order it stands. */
export function KeyFilters({ search }: { readonly search: KeySearch }) {
  const navigate = useNavigate();
  const presets = useCall('presets.list', { query: { limit: 100 } });
  const change = (part: Partial<Record<(typeof filterNames)[number] | 'order', string | undefined>>) => {
    const { after: _, before: __, ...rest } = search;
    const merged = Object.entries({ ...rest, ...part }).filter(([, value]) => value !== undefined && value !== '');
    void navigate({ to: '/keys', search: Object.fromEntries(merged), replace: true });
  };
  const choice = (name: 'state' | 'purpose' | 'preset', label: string, values: readonly string[]) => (
    <Select
      aria-label={label}
      className="w-auto max-w-56"
      value={search[name] ?? ''}
      onChange={(event) => change({ [name]: event.target.value })}
    >
      <option value="">{label}: all</option>
      {values.map((value) => (
        <option key={value} value={value}>
          {value}
        </option>
      ))}
    </Select>
  );
  const isAscending = search.order === 'asc';
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line p-3">
      <NameSearch value={search.search ?? ''} onChange={(text) => change({ search: text })} />
      {choice('state', 'State', states)}
      {choice('purpose', 'Purpose', purposes)}
      {choice('preset', 'Preset', presets.data?.data.map(({ slug }) => slug) ?? [search.preset ?? []].flat())}
      {filterNames.some((name) => search[name] !== undefined) && (
        <Button look="quiet" icon={X} onClick={() => void navigate({ to: '/keys', search: {} })}>
          Clear
        </Button>
      )}
      <Button
        look="quiet"
        className="ml-auto"
        icon={isAscending ? ArrowUpNarrowWide : ArrowDownWideNarrow}
        onClick={() => change({ order: isAscending ? undefined : 'asc' })}
      >
        {isAscending ? 'Oldest first' : 'Newest first'}
      </Button>
    </div>
  );
}

/** Asks for what is typed once the typing pauses. */
function NameSearch({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), 250);
    return () => clearTimeout(timer);
  });
  return (
    <div className="relative w-full sm:w-64">
      <Search className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted" aria-hidden />
      <Input
        data-search
        type="search"
        aria-label="Search by name"
        placeholder="Search by name"
        className="pl-8"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}
