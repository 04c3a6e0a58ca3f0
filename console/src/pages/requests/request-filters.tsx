import { Search, X } from 'lucide-react';
import { useState } from 'react';
import { routes } from 'virtual:facts';
import { useCall } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Input, Select } from '../../ui/field.js';

/** What narrows the log, by the names that the platform gives them. */
export const filterNames = ['key', 'endpoint', 'route', 'status', 'error_code', 'address', 'request'] as const;

export interface RequestSearch extends Partial<Record<(typeof filterNames)[number], string>> {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  /** Shows calls as they are logged. */
  readonly live?: boolean | undefined;
}

interface FiltersProps {
  readonly search: RequestSearch;
  readonly onChange: (change: Partial<RequestSearch>) => void;
}

const classes = ['2xx', '4xx', '5xx'];

/** The filters of the log. They stand in the address of the page. */
export function RequestFilters({ search, onChange }: FiltersProps) {
  const { data: keys } = useCall('keys.list', { query: { limit: 100 } });
  const { data: endpoints } = useCall('endpoints.list', { query: { limit: 100 } });
  const [id, setId] = useState(search.request ?? '');
  const set = (name: (typeof filterNames)[number]) => (event: { readonly target: { readonly value: string } }) =>
    onChange({ [name]: event.target.value === '' ? undefined : event.target.value });
  const isFiltered = filterNames.some((name) => search[name] !== undefined);
  return (
    <div className="flex flex-wrap gap-2">
      <form
        className="relative w-full sm:w-72"
        onSubmit={(event) => {
          event.preventDefault();
          onChange({ request: id.trim() === '' ? undefined : id.trim() });
        }}
      >
        <Search className="absolute top-2.5 left-3 size-4 text-muted" aria-hidden />
        <Input
          data-search
          type="search"
          aria-label="Request id"
          placeholder="Request id, then Enter"
          className="pl-9"
          value={id}
          onChange={({ target }) => setId(target.value)}
        />
      </form>
      <Select aria-label="Key" className="w-auto max-w-44" value={search.key ?? ''} onChange={set('key')}>
        <option value="">Every key</option>
        {keys?.data.map(({ id: key, name }) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </Select>
      <Select aria-label="Model" className="w-auto max-w-44" value={search.endpoint ?? ''} onChange={set('endpoint')}>
        <option value="">Every model</option>
        {endpoints?.data.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
      <Select aria-label="Route" className="w-auto max-w-56" value={search.route ?? ''} onChange={set('route')}>
        <option value="">Every route</option>
        {routes.map(({ id: route }) => (
          <option key={route}>{route}</option>
        ))}
      </Select>
      <Select aria-label="Status" className="w-auto" value={search.status ?? ''} onChange={set('status')}>
        <option value="">Every status</option>
        {[...classes, ...(search.status === undefined || classes.includes(search.status) ? [] : [search.status])].map(
          (status) => (
            <option key={status}>{status}</option>
          ),
        )}
      </Select>
      {isFiltered && (
        <Button
          look="quiet"
          icon={X}
          onClick={() => {
            setId('');
            onChange(Object.fromEntries(filterNames.map((name) => [name, undefined])));
          }}
        >
          Clear
        </Button>
      )}
    </div>
  );
}
