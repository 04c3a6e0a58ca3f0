import { useState } from 'react';
import type { Item } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field, Input, Select } from '../../ui/field.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import { memberRoles, type Role } from './roles.js';

/** Changes what a member is called and may do. */
export function ChangeRole({ of, onClose }: { readonly of: Item<'members.list'>; readonly onClose: () => void }) {
  const [name, setName] = useState(of.name);
  const [role, setRole] = useState<Role>(of.role);
  const { mutate, isPending, error } = useChange('members.update', { done: `${of.email} is changed.`, also: ['session'] });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={of.email}
      description="A new role holds from the next request on."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="member" busy={isPending}>
            Save
          </Button>
        </>
      }
    >
      <form
        id="member"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          mutate({ id: of.id, body: { name, role } }, { onSuccess: onClose });
        }}
      >
        <Field label="Name" fault={faultOf(error, 'name')}>
          {(own) => <Input {...own} value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Role" hint={memberRoles[role]} fault={faultOf(error, 'role')}>
          {(own) => (
            <Select {...own} value={role} onChange={(event) => setRole(event.target.value as Role)}>
              {Object.keys(memberRoles).map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          )}
        </Field>
        <FormTrouble error={error} fields={['name', 'role']} />
      </form>
    </Dialog>
  );
}
