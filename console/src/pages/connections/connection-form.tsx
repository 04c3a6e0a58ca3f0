import { useNavigate } from '@tanstack/react-router';
import { Save } from 'lucide-react';
import { useForm } from 'react-hook-form';
import { wires } from 'virtual:facts';
import { useCall, useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Field, Input, Select, TextArea } from '../../ui/field.js';
import { Panel } from '../../ui/panel.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import { changesOf, creationOf, draftOf, moreFault, type ConnectionDraft } from './connection-draft.js';
import { ProviderFields } from './provider-fields.js';
import { SignInFields } from './sign-in-fields.js';
import type { Connection } from './words.js';

const shown = ['name', 'base_url', 'wire', 'auth.token', 'auth.client_id', 'auth.client_secret', 'auth.scopes'];

/** Makes a connection, or changes one. */
export function ConnectionForm({ of: connection }: { readonly of?: Connection }) {
  const form = useForm<ConnectionDraft>({ defaultValues: draftOf(connection) });
  const navigate = useNavigate();
  const providers = useCall('providers.list', {}, { enabled: connection === undefined });
  const make = useChange('connections.create', { done: 'The connection is added. Test it now.' });
  const change = useChange('connections.update', { done: 'The connection is changed.' });
  const error = make.error ?? change.error;
  const save = (draft: ConnectionDraft) => {
    if (connection === undefined)
      make.mutate(
        { body: creationOf(draft) },
        { onSuccess: ({ id }) => void navigate({ to: `/connections/${id}`, replace: true }) },
      );
    else
      change.mutate(
        { id: connection.id, body: changesOf(connection, draft) },
        { onSuccess: (changed) => form.reset(draftOf(changed)) },
      );
  };
  const known = providers.data?.data.find(({ id }) => id === form.watch('provider'));
  const { register, formState } = form;
  return (
    <form className="flex max-w-3xl flex-col gap-5" onSubmit={(event) => void form.handleSubmit(save)(event)}>
      {connection === undefined && <ProviderFields form={form} providers={providers.data?.data ?? []} />}
      <Panel title="Where it is">
        <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
          <Field label="Name" hint="Agents name the connection by it." fault={faultOf(error, 'name')}>
            {(own) => (
              <Input {...own} maxLength={100} placeholder={known?.id} required={known === undefined} {...register('name')} />
            )}
          </Field>
          <Field label="Speaks" fault={faultOf(error, 'wire')}>
            {(own) => (
              <Select {...own} {...register('wire')}>
                {connection === undefined && <option value="">By default {known?.wire ?? 'openai'}</option>}
                {wires.map((wire) => (
                  <option key={wire}>{wire}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Address" className="md:col-span-2" hint="Usually with /v1 at its end." fault={faultOf(error, 'base_url')}>
            {(own) => (
              <Input
                {...own}
                type="url"
                placeholder={known?.base_url ?? known?.base_url_example ?? 'https://api.example.com/v1'}
                required={known?.base_url == null}
                {...register('base_url')}
              />
            )}
          </Field>
        </div>
      </Panel>
      <SignInFields form={form} error={error} of={connection} />
      <Panel title="Further settings">
        <Field
          label="Settings as JSON"
          hint="Paths, limits, habits, headers, fine-tuning and more, as the API names them. Headers are never shown again."
          fault={formState.errors.more?.message}
        >
          {(own) => (
            <TextArea
              {...own}
              rows={connection === undefined ? 4 : 14}
              spellCheck={false}
              className="font-mono text-xs"
              {...register('more', { validate: moreFault })}
            />
          )}
        </Field>
      </Panel>
      <FormTrouble error={error} fields={shown} />
      <Button
        type="submit"
        look="primary"
        icon={Save}
        className="self-start"
        busy={make.isPending || change.isPending}
        disabled={connection !== undefined && !formState.isDirty}
      >
        {connection === undefined ? 'Add the connection' : 'Save the changes'}
      </Button>
    </form>
  );
}
