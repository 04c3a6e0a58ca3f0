import { useNavigate } from '@tanstack/react-router';
import { Ban, Pause, Play, RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { FormTrouble } from '../../ui/trouble.js';
import { DeleteKey } from './delete-key.js';
import type { KeyObject } from './key-draft.js';
import { RotateKey } from './rotate-key.js';

const stale = ['key-activity', 'key-report', 'audit'];

/** What can be done with a key as it is. */
export function KeyActions({ of: key }: { readonly of: KeyObject }) {
  const { id, name, state } = key;
  const may = useMay();
  const navigate = useNavigate();
  const [open, show] = useState<'rotate' | 'disable' | 'revoke' | 'delete' | null>(null);
  const close = () => show(null);
  const disable = useChange('keys.disable', { done: `${name} is disabled.`, also: stale });
  const enable = useChange('keys.enable', { done: `${name} is enabled again.`, also: stale });
  const revoke = useChange('keys.revoke', { done: `${name} is revoked.`, also: stale });
  const isLive = state === 'active' || state === 'expired';
  return (
    <>
      {may('keys.rotate') && state !== 'revoked' && (
        <Button icon={RefreshCw} onClick={() => show('rotate')}>
          Rotate
        </Button>
      )}
      {may('keys.disable') && isLive && (
        <Button icon={Pause} onClick={() => show('disable')}>
          Disable
        </Button>
      )}
      {may('keys.enable') && state === 'disabled' && (
        <Button icon={Play} busy={enable.isPending} onClick={() => enable.mutate({ id, body: {} })}>
          Enable
        </Button>
      )}
      {may('keys.revoke') && (
        <Menu label="More about the key">
          {state !== 'revoked' && (
            <MenuItem icon={Ban} danger onSelect={() => show('revoke')}>
              Revoke for good
            </MenuItem>
          )}
          <MenuItem icon={Trash2} danger onSelect={() => show('delete')}>
            Delete
          </MenuItem>
        </Menu>
      )}
      <FormTrouble error={enable.error} />
      {open === 'rotate' && <RotateKey of={key} onClose={close} />}
      {open === 'delete' && <DeleteKey of={key} onClose={close} onDone={() => void navigate({ to: '/keys' })} />}
      {open === 'disable' && (
        <Confirm
          open
          onOpenChange={close}
          title={`Disable ${name}?`}
          description="Its calls are refused from now on, until it is enabled again. Its secret stays the same."
          action="Disable"
          busy={disable.isPending}
          onConfirm={() => disable.mutate({ id, body: {} }, { onSuccess: close })}
        >
          <FormTrouble error={disable.error} />
        </Confirm>
      )}
      {open === 'revoke' && (
        <Confirm
          open
          onOpenChange={close}
          title={`Revoke ${name} for good?`}
          description="Its calls are refused from now on, and it can never be enabled again. What it made stays."
          action="Revoke"
          typed={name}
          busy={revoke.isPending}
          onConfirm={() => revoke.mutate({ id, body: {} }, { onSuccess: close })}
        >
          <FormTrouble error={revoke.error} />
        </Confirm>
      )}
    </>
  );
}
