import { useState } from 'react';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field, Input } from '../../ui/field.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';

/** Makes a tenant. What else it has is set afterwards. */
export function NewTenant({ onClose }: { readonly onClose: () => void }) {
  const [slug, setSlug] = useState('');
  const [name, setName] = useState('');
  const { mutate, isPending, error } = useChange('tenants.create', {
    done: 'The tenant is created. Enter it to invite an owner.',
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Create a tenant"
      description="Enter it afterwards, and invite its first owner."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="tenant" busy={isPending}>
            Create
          </Button>
        </>
      }
    >
      <form
        id="tenant"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          mutate({ body: { slug, name: name === '' ? slug : name } }, { onSuccess: onClose });
        }}
      >
        <Field label="Short name" hint="In addresses and files. It never changes." fault={faultOf(error, 'slug')}>
          {(own) => <Input {...own} required autoComplete="off" value={slug} onChange={({ target }) => setSlug(target.value)} />}
        </Field>
        <Field label="Name" hint="For people." fault={faultOf(error, 'name')}>
          {(own) => <Input {...own} autoComplete="off" value={name} onChange={({ target }) => setName(target.value)} />}
        </Field>
        <FormTrouble error={error} fields={['slug', 'name']} />
      </form>
    </Dialog>
  );
}
