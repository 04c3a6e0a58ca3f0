import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import type { Body } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field, Input, Select } from '../../ui/field.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import { MemberLink, type Link } from './member-link.js';
import { memberRoles, type Role } from './roles.js';

/** Makes a member and the link by which they come in. */
export function InviteMember() {
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<{ readonly link: Link; readonly email: string } | null>(null);
  return (
    <>
      <Button look="primary" icon={UserPlus} onClick={() => setOpen(true)}>
        Invite a member
      </Button>
      {open && (
        <InviteForm
          onClose={() => setOpen(false)}
          onMade={(link, email) => {
            setOpen(false);
            setMade({ link, email });
          }}
        />
      )}
      {made !== null && <MemberLink {...made} onClose={() => setMade(null)} />}
    </>
  );
}

interface FormProps {
  readonly onClose: () => void;
  readonly onMade: (link: Link, email: string) => void;
}

function InviteForm({ onClose, onMade }: FormProps) {
  const [draft, setDraft] = useState<Body<'members.create'>>({ email: '', name: '', role: 'viewer' });
  const create = useChange('members.create');
  const invite = useChange('members.invite');
  const error = create.error ?? invite.error;
  const send = async () => {
    // A member whose link failed is there already: the next try asks for the link alone.
    const member =
      create.data?.email === draft.email.trim().toLowerCase() ? create.data : await create.mutateAsync({ body: draft });
    onMade(await invite.mutateAsync({ id: member.id }), member.email);
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Invite a member"
      description="You get a link that you send to them yourself."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="invite" busy={create.isPending || invite.isPending}>
            Create the link
          </Button>
        </>
      }
    >
      <form
        id="invite"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send().catch(() => undefined);
        }}
      >
        <Field label="E-mail" fault={faultOf(error, 'email')}>
          {(own) => (
            <Input
              {...own}
              required
              type="email"
              autoComplete="off"
              value={draft.email}
              onChange={(event) => setDraft({ ...draft, email: event.target.value })}
            />
          )}
        </Field>
        <Field label="Name" hint="Optional." fault={faultOf(error, 'name')}>
          {(own) => (
            <Input
              {...own}
              autoComplete="off"
              value={draft.name}
              onChange={(event) => setDraft({ ...draft, name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Role" hint={memberRoles[draft.role]} fault={faultOf(error, 'role')}>
          {(own) => (
            <Select {...own} value={draft.role} onChange={(event) => setDraft({ ...draft, role: event.target.value as Role })}>
              {Object.keys(memberRoles).map((role) => (
                <option key={role}>{role}</option>
              ))}
            </Select>
          )}
        </Field>
        <FormTrouble error={error} fields={['email', 'name', 'role']} />
      </form>
    </Dialog>
  );
}
