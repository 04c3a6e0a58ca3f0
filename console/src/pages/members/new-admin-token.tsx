import { useState } from 'react';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field, Input, Select } from '../../ui/field.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import { memberRoles, type Role } from './roles.js';

/** Makes a token, and hands out its secret. */
export function NewAdminToken({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: (secret: string) => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState('90');
  const { mutate, isPending, error } = useChange('admin-tokens.create');
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Create an admin token"
      description="It does for a program what a member of its role does."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="token" busy={isPending}>
            Create
          </Button>
        </>
      }
    >
      <form
        id="token"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const expires_at = Math.floor(Date.now() / 1000) + Number(days) * 86_400;
          mutate({ body: { name, role, expires_at } }, { onSuccess: ({ secret }) => onMade(secret) });
        }}
      >
        <Field label="Name" hint="By which you know it later." fault={faultOf(error, 'name')}>
          {(own) => <Input {...own} required value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />}
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
        <Field label="Ends in" fault={faultOf(error, 'expires_at')}>
          {(own) => (
            <Select {...own} value={days} onChange={(event) => setDays(event.target.value)}>
              <option value="7">7 days</option>
              <option value="30">30 days</option>
              <option value="90">90 days</option>
              <option value="365">a year</option>
            </Select>
          )}
        </Field>
        <FormTrouble error={error} fields={['name', 'role', 'expires_at']} />
      </form>
    </Dialog>
  );
}
