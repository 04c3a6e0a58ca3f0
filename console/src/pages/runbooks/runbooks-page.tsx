import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { BookOpen, Search as SearchIcon } from 'lucide-react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { Badge, type Tone } from '../../ui/badge.js';
import { Command } from '../../ui/copy.js';
import { Input } from '../../ui/field.js';
import { Loading } from '../../ui/loading.js';
import { Empty, Page } from '../../ui/panel.js';
import { Trouble } from '../../ui/trouble.js';

type Runbook = Item<'runbooks.list'>;

const tones: Readonly<Record<Runbook['compatibility'], Tone>> = {
  native: 'good',
  guided: 'good',
  ext: 'accent',
  http: 'info',
  no: 'plain',
};

/** Every product that there is a runbook for, found by a few letters. */
export function RunbooksPage() {
  const { q = '' } = useSearch({ strict: false }) as { q?: string };
  const navigate = useNavigate();
  const { data, error, refetch } = useCall('runbooks.list');
  const words = String(q).toLowerCase().split(/\s+/);
  const found = data?.data.filter(({ name, category, summary, compatibility_label }) => {
    const text = `${name} ${category} ${summary} ${compatibility_label}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const categories = [...new Set(found?.map(({ category }) => category))];
  return (
    <Page title="Runbooks" description="How products are connected to this platform, filled in with what your tenant has.">
      <div className="relative max-w-md">
        <SearchIcon className="absolute top-2.5 left-3 size-4 text-muted" aria-hidden />
        <Input
          type="search"
          data-search
          aria-label="Search runbooks"
          placeholder="Search products"
          className="pl-9"
          value={q}
          onChange={({ target }) =>
            void navigate({ to: '/runbooks', search: target.value === '' ? {} : { q: target.value }, replace: true })
          }
        />
      </div>
      {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading />}
      {found?.length === 0 && (
        <Empty icon={BookOpen} title="No runbook has these words.">
          Any client that speaks OpenAI's API works too: give it the base URL and a key. <Command text="gt runbook list" /> shows
          all.
        </Empty>
      )}
      {categories.map((category) => (
        <section key={category}>
          <h2 className="mb-2 text-sm font-semibold">{category}</h2>
          <ul className="grid grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-3">
            {found
              ?.filter((runbook) => runbook.category === category)
              .map((runbook) => (
                <Card key={runbook.id} runbook={runbook} />
              ))}
          </ul>
        </section>
      ))}
    </Page>
  );
}

function Card({ runbook: { id, name, summary, compatibility, compatibility_label } }: { readonly runbook: Runbook }) {
  return (
    <li className="relative flex flex-col gap-1.5 rounded-lg border border-line bg-surface p-4 hover:border-line-strong">
      <Link to={`/runbooks/${id}`} className="font-medium after:absolute after:inset-0 after:rounded-lg">
        {name}
      </Link>
      <p className="flex-1 text-sm text-muted">{summary}</p>
      <span>
        <Badge tone={tones[compatibility]}>{compatibility_label}</Badge>
      </span>
    </li>
  );
}
