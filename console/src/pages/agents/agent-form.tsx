import { useNavigate } from '@tanstack/react-router';
import { Save } from 'lucide-react';
import { useForm } from 'react-hook-form';
import { modalityScopes } from 'virtual:facts';
import type { Body } from '../../api/call.js';
import { useCall, useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Check, Field, Input, Select, TextArea } from '../../ui/field.js';
import { Panel } from '../../ui/panel.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import { bodyOf, changesOf, draftOf, jsonFault, type Agent, type AgentDraft, type Modality } from './agent-draft.js';
import { ModelFields } from './model-fields.js';

const modalities = Object.keys(modalityScopes) as Modality[];
const shown = [
  ...['name', 'description', 'instructions', 'instructions_role', 'context_tokens', 'max_output_tokens', 'pinned', 'datasets'],
  ...modalities.map((modality) => `models.${modality}`),
];

/** Makes an agent, or changes its draft. Clients see a change once it is published. */
export function AgentForm({ of: agent }: { readonly of?: Agent }) {
  const form = useForm<AgentDraft>({ defaultValues: draftOf(agent, modalities) });
  const navigate = useNavigate();
  const datasets = useCall('datasets.list', { query: { limit: 100 } });
  const make = useChange('agents.create', { done: 'The agent is made. Publish it for clients to use it.' });
  const change = useChange('agents.update', { done: 'The draft is saved. Publish it for clients to use it.' });
  const error = make.error ?? change.error;
  const save = (draft: AgentDraft) => {
    if (agent === undefined)
      make.mutate(
        { body: bodyOf(draft) as Body<'agents.create'> },
        { onSuccess: ({ id }) => void navigate({ to: `/agents/${id}`, replace: true }) },
      );
    else {
      const body = changesOf(form.formState.defaultValues as AgentDraft, draft, agent);
      change.mutate({ id: agent.id, body }, { onSuccess: (changed) => form.reset(draftOf(changed, modalities)) });
    }
  };
  const { register, formState, watch, setValue } = form;
  const chosen = watch('datasets');
  const aliases = [...new Set([...(datasets.data?.data.map(({ alias }) => alias) ?? []), ...chosen])];
  const choose = (alias: string, on: boolean) =>
    setValue('datasets', on ? [...chosen, alias] : chosen.filter((one) => one !== alias), { shouldDirty: true });
  return (
    <form className="flex max-w-4xl flex-col gap-5" onSubmit={(event) => void form.handleSubmit(save)(event)}>
      <Panel title="What it is">
        <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
          <Field label="Name" fault={faultOf(error, 'name')}>
            {(own) => <Input {...own} required maxLength={100} {...register('name')} />}
          </Field>
          <Field label="Description" hint="For people." fault={faultOf(error, 'description')}>
            {(own) => <Input {...own} maxLength={1000} {...register('description')} />}
          </Field>
          <Field
            label="Instructions"
            className="md:col-span-2"
            hint="The model receives them before the conversation."
            fault={faultOf(error, 'instructions')}
          >
            {(own) => <TextArea {...own} rows={10} className="font-mono text-xs" {...register('instructions')} />}
          </Field>
          <Field label="Role of the instructions" fault={faultOf(error, 'instructions_role')}>
            {(own) => (
              <Select {...own} {...register('instructions_role')}>
                <option>system</option>
                <option>developer</option>
              </Select>
            )}
          </Field>
        </div>
      </Panel>
      <Panel title="Models">
        <ModelFields form={form} modalities={modalities} error={error} />
      </Panel>
      <Panel title="Data and conversations">
        <div className="flex flex-col gap-3">
          <fieldset className="flex flex-col gap-1">
            <legend className="mb-1 text-sm font-medium">Datasets</legend>
            {aliases.length === 0 && <p className="text-sm text-muted">There are no datasets yet.</p>}
            {aliases.map((alias) => (
              <Check
                key={alias}
                label={alias}
                checked={chosen.includes(alias)}
                onChange={(event) => choose(alias, event.target.checked)}
              />
            ))}
            {faultOf(error, 'datasets') !== undefined && <p className="text-xs text-bad">{faultOf(error, 'datasets')}</p>}
          </fieldset>
          <Check
            label="Conversations are kept"
            hint="The user field or the session header of a call selects a stored conversation."
            {...register('sessions')}
          />
        </div>
      </Panel>
      <Panel title="Parameters and guardrails">
        <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
          <Field label="Context tokens" fault={faultOf(error, 'context_tokens')}>
            {(own) => <Input {...own} type="number" min={1000} {...register('context_tokens', { valueAsNumber: true })} />}
          </Field>
          <Field label="Most tokens of an answer" hint="What limits count it as." fault={faultOf(error, 'max_output_tokens')}>
            {(own) => <Input {...own} type="number" min={1} {...register('max_output_tokens', { valueAsNumber: true })} />}
          </Field>
          <Field
            label="Parameters as JSON"
            hint='Such as {"temperature": 0.2}.'
            fault={formState.errors.parameters?.message ?? faultOf(error, 'parameters')}
          >
            {(own) => (
              <TextArea
                {...own}
                spellCheck={false}
                className="font-mono text-xs"
                {...register('parameters', { validate: jsonFault })}
              />
            )}
          </Field>
          <Field
            label="Pinned parameters"
            hint="Names, parted by commas. A call cannot set them."
            fault={faultOf(error, 'pinned')}
          >
            {(own) => <Input {...own} {...register('pinned')} />}
          </Field>
          <Field
            label="Further settings as JSON"
            className="md:col-span-2"
            hint="Fallbacks, hosted tools, retries, fetching of addresses and batches, as the API names them."
            fault={formState.errors.more?.message}
          >
            {(own) => (
              <TextArea
                {...own}
                rows={7}
                spellCheck={false}
                className="font-mono text-xs"
                {...register('more', { validate: jsonFault })}
              />
            )}
          </Field>
        </div>
      </Panel>
      <FormTrouble error={error} fields={[...shown, 'parameters']} />
      <Button
        type="submit"
        look="primary"
        icon={Save}
        className="self-start"
        busy={make.isPending || change.isPending}
        disabled={agent !== undefined && !formState.isDirty}
      >
        {agent === undefined ? 'Create the agent' : 'Save the draft'}
      </Button>
    </form>
  );
}
