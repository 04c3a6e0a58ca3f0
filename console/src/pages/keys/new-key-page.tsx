import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { purposes } from 'virtual:facts';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Loading } from '../../ui/loading.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { Trouble } from '../../ui/trouble.js';
import { ChooseStart, type StartSearch } from './choose-start.js';
import type { Purpose, Start } from './key-draft.js';
import { NewKey } from './new-key.js';

/** A new key: first what it is for, then everything else, which is filled in already. */
export function NewKeyPage() {
  const search = useSearch({ strict: false }) as StartSearch;
  const navigate = useNavigate();
  const presets = useCall('presets.list', { query: { limit: 100 } });
  const runbook = useCall('runbooks.get', { id: search.runbook ?? '' }, { enabled: search.runbook !== undefined });
  const choose = (start: StartSearch) => void navigate({ to: '/keys/new', search: start });
  const may = useMay();
  const error = presets.error ?? runbook.error;
  return (
    <Page
      title="Create a key"
      description={
        <Link to="/keys" className="hover:underline">
          ← All keys
        </Link>
      }
    >
      {!may('keys.create') ? (
        <Panel>
          <Empty icon={KeyRound} title="Your role makes no keys.">
            Managers and owners of the tenant do.
          </Empty>
        </Panel>
      ) : error !== null ? (
        <Trouble error={error} onRetry={() => void (presets.error === null ? runbook : presets).refetch()} />
      ) : presets.data === undefined || (search.runbook !== undefined && runbook.data === undefined) ? (
        <Panel>
          <Loading />
        </Panel>
      ) : (
        (() => {
          const product = search.runbook === undefined ? null : (runbook.data ?? null);
          const slug = search.preset ?? product?.preset ?? undefined;
          const preset = presets.data.data.find((one) => one.slug === slug) ?? null;
          const purpose = preset?.purpose ?? purposes.find((one) => one === search.purpose);
          return purpose === undefined ? (
            <ChooseStart presets={presets.data.data} onChoose={choose} />
          ) : (
            <NewKey
              key={JSON.stringify([search.runbook, slug, purpose])}
              start={startOf(preset, purpose, product?.id ?? null)}
              product={product}
              presets={presets.data.data}
              onChoose={choose}
            />
          );
        })()
      )}
    </Page>
  );
}

const startOf = (preset: Start['preset'], purpose: Purpose, runbook: string | null): Start => ({ preset, purpose, runbook });
