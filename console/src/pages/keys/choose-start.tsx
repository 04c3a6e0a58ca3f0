import { Search } from 'lucide-react';
import { useState } from 'react';
import { purposes } from 'virtual:facts';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { Badge } from '../../ui/badge.js';
import { Input } from '../../ui/field.js';
import { Loading } from '../../ui/loading.js';
import { Panel } from '../../ui/panel.js';
import { Tabs } from '../../ui/tabs.js';
import { Trouble } from '../../ui/trouble.js';
import { grouped } from './grouped.js';
import type { Preset } from './key-draft.js';

/** What stands in the address once it is chosen. */
export interface StartSearch {
  readonly runbook?: string;
  readonly preset?: string;
  readonly purpose?: string;
}

interface ChooseProps {
  readonly presets: readonly Preset[];
  readonly onChoose: (start: StartSearch) => void;
}

const purposeWords: Record<(typeof purposes)[number], string> = {
  inference: 'Calls models and everything around them.',
  upload: 'Only puts files into datasets.',
  conversation: 'Keeps conversations on the platform, and calls models through the keys that it links.',
};

/** What the key is for: a product, a preset, or nothing of these. One click, and the rest is filled in. */
export function ChooseStart({ presets, onChoose }: ChooseProps) {
  const [tab, setTab] = useState('products');
  const [text, setText] = useState('');
  const runbooks = useCall('runbooks.list');
  const words = text.trim().toLowerCase().split(/\s+/);
  const has = (...texts: string[]) => words.every((word) => texts.join(' ').toLowerCase().includes(word));
  const products = runbooks.data?.data.filter(
    ({ preset, name, category, id }) => preset !== null && has(name, category, id, preset),
  );
  return (
    <Panel title="What is the key for?">
      <div className="relative mb-3">
        <Search className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted" aria-hidden />
        <Input
          data-search
          autoFocus
          type="search"
          aria-label="Search products and presets"
          placeholder="Search products and presets: Open WebUI, Cursor, LangChain, embeddings…"
          className="pl-8"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Tabs
        label="Where to begin"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            value: 'products',
            label: `Products${products === undefined ? '' : ` (${products.length})`}`,
            content:
              runbooks.error !== null ? (
                <Trouble error={runbooks.error} onRetry={() => void runbooks.refetch()} />
              ) : products === undefined ? (
                <Loading />
              ) : (
                <Products products={products} onChoose={onChoose} />
              ),
          },
          {
            value: 'presets',
            label: 'Presets',
            content: (
              <Cards>
                {presets
                  .filter(({ slug, name, purpose, scopes }) => has(slug, name, purpose, ...scopes))
                  .map(({ slug, name, purpose, scopes, built_in }) => (
                    <Card key={slug} title={name} onClick={() => onChoose({ preset: slug })}>
                      <span className="font-mono">{slug}</span> · {purpose} · {scopes.length}{' '}
                      {scopes.length === 1 ? 'scope' : 'scopes'}
                      {!built_in && ' · your own'}
                    </Card>
                  ))}
              </Cards>
            ),
          },
          {
            value: 'none',
            label: 'Without a preset',
            content: (
              <Cards>
                {purposes.map((purpose) => (
                  <Card key={purpose} title={`A key for ${purpose}`} onClick={() => onChoose({ purpose })}>
                    {purposeWords[purpose]} You choose every scope.
                  </Card>
                ))}
              </Cards>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Products({
  products,
  onChoose,
}: {
  readonly products: readonly Item<'runbooks.list'>[];
  readonly onChoose: ChooseProps['onChoose'];
}) {
  if (products.length === 0)
    return <p className="py-6 text-center text-sm text-muted">No product is called like this. Look among the presets.</p>;
  return grouped(products, ({ category }) => category).map(([category, own]) => (
    <section key={category} className="mb-4">
      <h3 className="mb-2 text-xs font-medium text-muted">{category}</h3>
      <Cards>
        {own.map(({ id, name, preset, compatibility }) => (
          <Card key={id} title={name} onClick={() => onChoose({ runbook: id })}>
            <span className="font-mono">{preset}</span>
            {compatibility !== 'native' && <Badge className="ml-2">{compatibility}</Badge>}
          </Card>
        ))}
      </Cards>
    </section>
  ));
}

const Cards = ({ children }: { readonly children: React.ReactNode }) => (
  <div className="grid grid-cols-1 gap-2 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">{children}</div>
);

function Card({
  title,
  onClick,
  children,
}: {
  readonly title: string;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="min-w-0 rounded-md border border-line bg-surface px-3 py-2.5 text-left hover:border-accent hover:bg-accent-soft"
    >
      <span className="block truncate text-sm font-medium">{title}</span>
      <span className="mt-0.5 block text-xs text-muted">{children}</span>
    </button>
  );
}
