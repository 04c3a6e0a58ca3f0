import { CircleCheck, CirclePause, Settings2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Item } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Confirm } from '../../ui/dialog.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { Trouble } from '../../ui/trouble.js';
import { EditSettings } from '../settings/edit-settings.js';

/** What an operator does with a tenant from outside. */
export function TenantActions({ of }: { readonly of: Item<'tenants.list'> }) {
  const [asked, ask] = useState<'settings' | 'suspend' | 'erase' | null>(null);
  const update = useChange('tenants.update', { done: `${of.slug} is changed.` });
  const erase = useChange('tenants.erase', { done: 'The erasure has begun.', also: ['erasures'] });
  const close = () => {
    ask(null);
    update.reset();
    erase.reset();
  };
  return (
    <>
      <Menu label={`Actions for ${of.slug}`}>
        <MenuItem icon={Settings2} onSelect={() => ask('settings')}>
          Settings, hosts, ceilings, markup
        </MenuItem>
        {of.state === 'active' ? (
          <MenuItem icon={CirclePause} danger onSelect={() => ask('suspend')}>
            Suspend
          </MenuItem>
        ) : (
          <MenuItem icon={CircleCheck} onSelect={() => update.mutate({ id: of.slug, body: { state: 'active' } })}>
            Activate
          </MenuItem>
        )}
        <MenuItem icon={Trash2} danger onSelect={() => ask('erase')}>
          Erase
        </MenuItem>
      </Menu>
      {asked === 'settings' && <EditSettings of={of} isOperator onClose={close} />}
      {asked === 'suspend' && (
        <Confirm
          open
          onOpenChange={close}
          title={`Suspend ${of.name}?`}
          description="All its keys are refused at once. Nothing is removed."
          action="Suspend"
          busy={update.isPending}
          onConfirm={() => update.mutate({ id: of.slug, body: { state: 'suspended' } }, { onSuccess: close })}
        >
          {update.error !== null && <Trouble error={update.error} />}
        </Confirm>
      )}
      {asked === 'erase' && (
        <Confirm
          open
          onOpenChange={close}
          typed={of.slug}
          title={`Erase ${of.name}?`}
          description="All of it goes: keys, members, files, vectors, conversations, its log. It cannot be brought back."
          action="Erase for good"
          busy={erase.isPending}
          onConfirm={() => erase.mutate({ id: of.slug, body: { confirm: of.slug } }, { onSuccess: close })}
        >
          {erase.error !== null && <Trouble error={erase.error} />}
        </Confirm>
      )}
    </>
  );
}
