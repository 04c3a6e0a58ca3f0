import { useState } from 'react';
import { useCall } from '../../api/queries.js';
import { useMay, useSession, useTenantSlug } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';
import { Page } from '../../ui/panel.js';
import { Trouble } from '../../ui/trouble.js';
import { EditSettings } from './edit-settings.js';
import { TenantFacts } from './tenant-facts.js';

/** What holds for the tenant as a whole. */
export function SettingsPage() {
  const slug = useTenantSlug() ?? '';
  const { role } = useSession();
  const may = useMay();
  const [isEdited, edit] = useState(false);
  const { data, error, refetch } = useCall('tenants.get', { id: slug }, { enabled: slug !== '' });
  return (
    <Page
      title="Settings"
      description={
        <>
          What holds for the tenant as a whole. On the command line: <Command text={`gt tenant get ${slug}`} />
        </>
      }
      actions={
        data !== undefined &&
        may('tenants.update') && (
          <Button look="primary" onClick={() => edit(true)}>
            Change
          </Button>
        )
      }
    >
      {data !== undefined ? (
        <TenantFacts of={data} />
      ) : error === null ? (
        <Loading />
      ) : (
        <Trouble error={error} onRetry={() => void refetch()} />
      )}
      {isEdited && data !== undefined && <EditSettings of={data} isOperator={role === 'operator'} onClose={() => edit(false)} />}
    </Page>
  );
}
