import { useForm } from 'react-hook-form';
import { useCall, useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Check, Field, Input, Select } from '../../ui/field.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import type { Endpoint } from './endpoint-list.js';
import { ModelInput } from './model-fields.js';
import { Warnings } from './warnings.js';

interface DialogProps {
  readonly of?: Endpoint;
  /** The agent that a new name is for, by its id. */
  readonly agent?: string;
  readonly onClose: () => void;
}

const limits = [
  ['requests_per_minute', 'Requests a minute'],
  ['tokens_per_minute', 'Tokens a minute'],
  ['parallel_requests', 'Requests at once'],
] as const;

interface Draft {
  name: string;
  kind: Endpoint['kind'];
  agent: string;
  connection: string;
  model: string;
  isDefault: boolean;
  limits: Record<(typeof limits)[number][0], string>;
}

/** Publishes a name for an agent or a model of a connection, or changes one. */
export function EndpointDialog({ of: endpoint, agent, onClose }: DialogProps) {
  const agents = useCall('agents.list', { query: { limit: 100 } });
  const connections = useCall('connections.list', { query: { limit: 100 } });
  const { register, handleSubmit, watch } = useForm<Draft>({
    defaultValues: {
      name: endpoint?.name ?? '',
      kind: endpoint?.kind ?? 'agent_alias',
      agent: endpoint?.agent ?? agent ?? '',
      connection: endpoint?.raw_model?.connection ?? '',
      model: endpoint?.raw_model?.model ?? '',
      isDefault: endpoint?.default ?? false,
      limits: Object.fromEntries(limits.map(([name]) => [name, String(endpoint?.limits[name] ?? '')])) as Draft['limits'],
    },
  });
  const make = useChange('endpoints.create', { done: 'The name is published.' });
  const change = useChange('endpoints.update', { done: 'The name is changed.' });
  const { error, data: made } = endpoint === undefined ? make : change;
  const warnings = made?.warnings ?? [];
  const close = ({ warnings: said = [] }: Pick<Endpoint, 'warnings'>) => said.length === 0 && onClose();
  const save = (draft: Draft) => {
    const raw = { connection: draft.connection, model: draft.model.trim() };
    const isSame = raw.connection === endpoint?.raw_model?.connection && raw.model === endpoint.raw_model.model;
    const behind =
      draft.kind === 'raw_model'
        ? isSame
          ? {}
          : { raw_model: raw }
        : draft.agent === endpoint?.agent
          ? {}
          : { agent: draft.agent };
    const given = Object.entries(draft.limits).map(([name, value]) => [name, value === '' ? null : Number(value)]);
    const body = { name: draft.name.trim(), default: draft.isDefault, limits: Object.fromEntries(given) as object, ...behind };
    if (endpoint === undefined) make.mutate({ body }, { onSuccess: close });
    else change.mutate({ id: endpoint.id, body }, { onSuccess: close });
  };
  const { kind, connection } = watch();
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={endpoint === undefined ? 'Publish a name' : `Change ${endpoint.name}`}
      description="What clients put into model."
      actions={
        warnings.length > 0 ? (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" form="endpoint" look="primary" busy={make.isPending || change.isPending}>
              {endpoint === undefined ? 'Publish the name' : 'Save'}
            </Button>
          </>
        )
      }
    >
      <form id="endpoint" className="flex flex-col gap-4" onSubmit={(event) => void handleSubmit(save)(event)}>
        <Warnings of={warnings} />
        <Field label="Name" fault={faultOf(error, 'name')}>
          {(own) => <Input {...own} required maxLength={128} {...register('name')} />}
        </Field>
        {endpoint === undefined && agent === undefined && (
          <Field label="Leads to">
            {(own) => (
              <Select {...own} {...register('kind')}>
                <option value="agent_alias">An agent</option>
                <option value="raw_model">A model of a connection</option>
              </Select>
            )}
          </Field>
        )}
        {kind === 'agent_alias' ? (
          agent === undefined &&
          agents.data !== undefined && (
            <Field label="Agent" fault={faultOf(error, 'agent')}>
              {(own) => (
                <Select {...own} required {...register('agent')}>
                  <option value="">Choose an agent</option>
                  {agents.data.data.map(({ id, name }) => (
                    <option key={id}>{name}</option>
                  ))}
                </Select>
              )}
            </Field>
          )
        ) : (
          <>
            {connections.data !== undefined && (
              <Field label="Connection" fault={faultOf(error, 'raw_model.connection')}>
                {(own) => (
                  <Select {...own} required {...register('connection')}>
                    <option value="">Choose a connection</option>
                    {connections.data.data.map(({ id, name }) => (
                      <option key={id}>{name}</option>
                    ))}
                  </Select>
                )}
              </Field>
            )}
            <Field label="Model" fault={faultOf(error, 'raw_model.model')}>
              {(own) => <ModelInput own={own} connection={connection} input={register('model', { required: true })} />}
            </Field>
          </>
        )}
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
          {limits.map(([name, label]) => (
            <Field key={name} label={label} fault={faultOf(error, `limits.${name}`)}>
              {(own) => <Input {...own} type="number" min={1} placeholder="No limit" {...register(`limits.${name}`)} />}
            </Field>
          ))}
        </div>
        <Check label="Default" hint="Calls that name no model, or the model default, go here." {...register('isDefault')} />
        <FormTrouble
          error={error}
          fields={['name', 'agent', 'raw_model.connection', 'raw_model.model', ...limits.map(([name]) => `limits.${name}`)]}
        />
      </form>
    </Dialog>
  );
}
