import { useDeferredValue, useState } from 'react';
import { useCall } from '../../api/queries.js';
import { Copy } from '../../ui/copy.js';
import { Input } from '../../ui/field.js';
import { Loading } from '../../ui/loading.js';
import { Empty, Panel } from '../../ui/panel.js';
import { Trouble } from '../../ui/trouble.js';

const mostShown = 200;

/** The models that the provider names. */
export function ConnectionModels({ connection }: { readonly connection: string }) {
  const { data, error, refetch } = useCall('connections.models', { id: connection });
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim().toLowerCase());
  if (error !== null) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading rows={8} />;
  const found = data.data.filter(({ id }) => id.toLowerCase().includes(wanted));
  return (
    <Panel flush title={`${data.data.length} models`}>
      <div className="border-b border-line p-3">
        <Input
          data-search
          type="search"
          aria-label="Search models"
          placeholder="Search models"
          className="sm:w-64"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      {found.length === 0 && <Empty title="The provider names no such model." />}
      <ul aria-label="Models" className="divide-y divide-line">
        {found.slice(0, mostShown).map(({ id }) => (
          <li key={id} className="flex items-center gap-2 px-4 py-1 font-mono text-xs">
            <span className="min-w-0 flex-1 break-all">{id}</span>
            <Copy text={id} label={`Copy ${id}`} />
          </li>
        ))}
      </ul>
      {found.length > mostShown && (
        <p className="px-4 py-2 text-sm text-muted">{found.length - mostShown} more. Type a part of the name to find them.</p>
      )}
    </Panel>
  );
}
