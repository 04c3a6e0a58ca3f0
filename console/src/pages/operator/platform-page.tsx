import { useFilters, type Cursor } from '../../app/filters.js';
import { Page } from '../../ui/panel.js';
import { Tabs } from '../../ui/tabs.js';
import { OperatorAudit } from './operator-audit.js';
import { OperatorTokens } from './operator-tokens.js';
import { Presets } from './presets.js';
import { Queues } from './queues.js';
import { SealingKeys } from './sealing-keys.js';

/** How the platform itself is. For operators. */
export function PlatformPage() {
  const { search, change } = useFilters<Cursor & { readonly tab?: string }>('/operator/platform');
  return (
    <Page title="Platform" description="Work that waits, keys that seal, and what operators did.">
      <div>
        <Tabs
          label="Parts of this page"
          value={search.tab ?? 'queues'}
          onChange={(tab) => change({ tab: tab === 'queues' ? undefined : tab })}
          tabs={[
            { value: 'queues', label: 'Queues', content: <Queues /> },
            { value: 'sealing', label: 'Sealing keys', content: <SealingKeys /> },
            { value: 'presets', label: 'Presets', content: <Presets /> },
            { value: 'tokens', label: 'Operator tokens', content: <OperatorTokens /> },
            { value: 'audit', label: 'Audit', content: <OperatorAudit /> },
          ]}
        />
      </div>
    </Page>
  );
}
