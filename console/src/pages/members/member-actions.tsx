import { useNavigate } from '@tanstack/react-router';
import { Ban, CircleCheck, KeyRound, Link as LinkIcon, LogOut, MonitorSmartphone, Trash2, UserCog } from 'lucide-react';
import { useState } from 'react';
import type { Item } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Confirm } from '../../ui/dialog.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { Trouble } from '../../ui/trouble.js';
import { ChangeRole } from './change-role.js';
import { MemberLink, type Link } from './member-link.js';
import { RecoverMember } from './recover-member.js';

type Member = Item<'members.list'>;
type Asked = 'role' | 'invite' | 'recover' | 'disable' | 'sign-out' | 'remove';

/** What an owner does with a member. */
export function MemberActions({ of, isSelf }: { readonly of: Member; readonly isSelf: boolean }) {
  const [asked, ask] = useState<Asked | null>(null);
  const [link, setLink] = useState<Link | null>(null);
  const navigate = useNavigate();
  const update = useChange('members.update', { done: `${of.email} is changed.`, also: ['sessions'] });
  const remove = useChange('members.delete', { done: `${of.email} is removed.`, also: ['sessions', 'admin-tokens'] });
  const signOut = useChange('members.sign-out', { done: `${of.email} is signed out everywhere.`, also: ['sessions'] });
  const invite = useChange('members.invite');
  const close = () => {
    ask(null);
    for (const change of [update, remove, signOut, invite]) change.reset();
  };
  const id = of.id;
  const confirms = {
    invite: {
      title: 'Make a new invitation link?',
      description: `For ${of.email}. Links that were made before are not good any more.`,
      action: 'Make the link',
      change: invite,
      run: () =>
        invite.mutate(
          { id },
          {
            onSuccess: (made) => {
              close();
              setLink(made);
            },
          },
        ),
    },
    disable: {
      title: `Disable ${of.email}?`,
      description: 'They are signed out, and their admin tokens do not work. Nothing is removed.',
      action: 'Disable',
      change: update,
      run: () => update.mutate({ id, body: { state: 'disabled' } }, { onSuccess: close }),
    },
    'sign-out': {
      title: `Sign ${of.email} out everywhere?`,
      description: 'All their sessions end at once. They can sign in again.',
      action: 'Sign out',
      change: signOut,
      run: () => signOut.mutate({ id }, { onSuccess: close }),
    },
    remove: {
      title: `Remove ${of.email}?`,
      description: 'Their sessions end and their admin tokens are removed. What they changed stays in the audit.',
      action: 'Remove',
      change: remove,
      run: () => remove.mutate({ id }, { onSuccess: close }),
    },
  };
  const confirm = asked === null || asked === 'role' || asked === 'recover' ? null : confirms[asked];
  return (
    <>
      <Menu label={`Actions for ${of.email}`}>
        <MenuItem icon={UserCog} onSelect={() => ask('role')}>
          Change name or role
        </MenuItem>
        <MenuItem
          icon={MonitorSmartphone}
          onSelect={() => void navigate({ to: '/members', search: { tab: 'sessions', member: id } })}
        >
          Sessions
        </MenuItem>
        <MenuItem icon={LinkIcon} onSelect={() => ask('invite')}>
          New invitation link
        </MenuItem>
        <MenuItem icon={KeyRound} onSelect={() => ask('recover')}>
          Recover
        </MenuItem>
        <MenuItem icon={LogOut} onSelect={() => ask('sign-out')}>
          Sign out everywhere
        </MenuItem>
        {of.state === 'disabled' ? (
          <MenuItem icon={CircleCheck} onSelect={() => update.mutate({ id, body: { state: 'active' } })}>
            Enable
          </MenuItem>
        ) : (
          <MenuItem icon={Ban} danger disabled={isSelf} onSelect={() => ask('disable')}>
            Disable
          </MenuItem>
        )}
        <MenuItem icon={Trash2} danger disabled={isSelf} onSelect={() => ask('remove')}>
          Remove
        </MenuItem>
      </Menu>
      {confirm !== null && (
        <Confirm open onOpenChange={close} {...confirm} busy={confirm.change.isPending} onConfirm={confirm.run}>
          {confirm.change.error !== null && <Trouble error={confirm.change.error} />}
        </Confirm>
      )}
      {asked === 'role' && <ChangeRole of={of} onClose={close} />}
      {asked === 'recover' && (
        <RecoverMember
          of={of}
          onClose={close}
          onMade={(made) => {
            close();
            setLink(made);
          }}
        />
      )}
      {link !== null && <MemberLink link={link} email={of.email} onClose={() => setLink(null)} />}
    </>
  );
}
