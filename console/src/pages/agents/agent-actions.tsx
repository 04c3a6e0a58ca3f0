import { useNavigate } from '@tanstack/react-router';
import { Rocket, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCall, useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { Field, Input } from '../../ui/field.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import type { Agent } from './agent-draft.js';
import { Warnings } from './warnings.js';

/** What can be done with an agent as a whole. */
export function AgentActions({ of: agent }: { readonly of: Agent }) {
  const may = useMay();
  const navigate = useNavigate();
  const [open, show] = useState<'publish' | 'delete' | null>(null);
  const close = () => show(null);
  const remove = useChange('agents.delete', { done: `${agent.name} is deleted.`, also: ['endpoints'] });
  if (!may('agents.publish')) return null;
  return (
    <>
      <Button look="primary" icon={Rocket} onClick={() => show('publish')}>
        Publish
      </Button>
      <Menu label="More about the agent">
        <MenuItem icon={Trash2} danger onSelect={() => show('delete')}>
          Delete
        </MenuItem>
      </Menu>
      {open === 'publish' && <Publish agent={agent} onClose={close} />}
      {open === 'delete' && (
        <Confirm
          open
          onOpenChange={close}
          title={`Delete ${agent.name}?`}
          description="The agent and its revisions are gone for good. It is refused while a published name leads to it."
          action="Delete"
          typed={agent.name}
          busy={remove.isPending}
          onConfirm={() => remove.mutate({ id: agent.id }, { onSuccess: () => void navigate({ to: '/agents' }) })}
        >
          <FormTrouble error={remove.error} />
        </Confirm>
      )}
    </>
  );
}

/** Publishes the draft, under one more name where that is wanted, and says what is worth knowing of that name. */
function Publish({ agent, onClose }: { readonly agent: Agent; readonly onClose: () => void }) {
  const aliases = useCall('endpoints.list', { query: { agent: agent.id, limit: 100 } });
  const names = aliases.data?.data.map(({ name }) => name) ?? [];
  const isFirst = aliases.data !== undefined && names.length === 0;
  const [typed, setName] = useState<string | null>(null);
  const name = typed ?? (isFirst ? agent.name.toLowerCase().replaceAll(' ', '-') : '');
  const publish = useChange('agents.publish', { done: `${agent.name} is published.`, also: ['endpoints'] });
  const add = useChange('endpoints.create');
  const warnings = add.data?.warnings ?? [];
  const make = () => {
    const endpoint = name.trim();
    const done = () => {
      if (endpoint === '' || names.includes(endpoint)) return onClose();
      add.mutate(
        { body: { name: endpoint, agent: agent.id } },
        { onSuccess: (made) => (made.warnings ?? []).length === 0 && onClose() },
      );
    };
    // Published already: only the name was refused before.
    if (publish.isSuccess) done();
    else publish.mutate({ id: agent.id, body: {} }, { onSuccess: done });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Publish ${agent.name}`}
      description={
        names.length === 0
          ? 'The draft becomes a revision that never changes. Clients call it by its published name.'
          : `The draft becomes the newest revision. These names move to it at once: ${names.join(', ')}.`
      }
      actions={
        add.isSuccess ? (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" busy={publish.isPending || add.isPending} disabled={aliases.isPending} onClick={make}>
              Publish the draft
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        {!add.isSuccess && (
          <Field
            label={names.length === 0 ? 'Published name' : 'One more name'}
            hint="What clients put into model. Leave it empty for none."
            fault={faultOf(add.error, 'name')}
          >
            {(own) => <Input {...own} maxLength={128} value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
        )}
        <Warnings of={warnings} />
        <FormTrouble error={publish.error ?? add.error} fields={['name']} />
      </div>
    </Dialog>
  );
}
