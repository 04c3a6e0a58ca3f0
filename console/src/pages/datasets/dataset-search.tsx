import { Search } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useChange } from '../../api/queries.js';
import { number } from '../../format/numbers.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Field, Input, Select } from '../../ui/field.js';
import { Empty, Panel } from '../../ui/panel.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import type { Dataset } from './dataset-draft.js';
import { FoundPassages } from './found-passages.js';

/** A place to try what a question finds: exactly what a key would find with it. */
export function DatasetSearch({ of: { id, alias }, onRead }: { readonly of: Dataset; readonly onRead: (file: string) => void }) {
  const [query, setQuery] = useState('');
  const [limit, setLimit] = useState(10);
  const [ms, setMs] = useState(0);
  const search = useChange('datasets.search');
  const ask = (event: FormEvent) => {
    event.preventDefault();
    const start = performance.now();
    search.mutate({ id, body: { query, limit } }, { onSettled: () => setMs(performance.now() - start) });
  };
  return (
    <div className="flex flex-col gap-5">
      <Panel>
        <form className="flex flex-wrap items-end gap-3" onSubmit={ask}>
          <Field label="Question" className="min-w-0 flex-[1_1_18rem]" fault={faultOf(search.error, 'query')}>
            {(own) => (
              <Input
                {...own}
                data-search
                type="search"
                required
                maxLength={20_000}
                placeholder="How long is the warranty?"
                value={query}
                onChange={({ target }) => setQuery(target.value)}
              />
            )}
          </Field>
          <Field label="Passages at most" className="w-36">
            {(own) => (
              <Select {...own} value={limit} onChange={({ target }) => setLimit(Number(target.value))}>
                {[5, 10, 20, 50].map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </Select>
            )}
          </Field>
          <Button type="submit" look="primary" icon={Search} busy={search.isPending}>
            Search
          </Button>
        </form>
      </Panel>
      <FormTrouble error={search.error} fields={['query']} />
      {search.data === undefined ? (
        <Panel>
          <Empty icon={Search} title="Ask something that the files should answer.">
            On the command line: <Command text={`gt dataset search ${alias} --query "How long is the warranty?"`} />
          </Empty>
        </Panel>
      ) : (
        <Panel title={`${number(search.data.data.length)} passages in ${number(Math.round(ms))} ms`} flush>
          <FoundPassages passages={search.data.data} onRead={onRead} />
        </Panel>
      )}
    </div>
  );
}
