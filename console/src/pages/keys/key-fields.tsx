import { Controller, type Control, type UseFormRegister, type UseFormReturn } from 'react-hook-form';
import { routes } from 'virtual:facts';
import { compact } from '../../format/numbers.js';
import { Check, Field, Input, Select, TextArea } from '../../ui/field.js';
import { faultOf } from '../../ui/trouble.js';
import { limitNames, type Dataset, type Endpoint, type KeyDraft } from './key-draft.js';
import { PickNames } from './pick-names.js';

/** The fields that faults of the platform may be of; each shows its own. */
export const faultFields = [
  'name',
  'scopes',
  'agents',
  'raw_models',
  'datasets',
  'limits',
  'expires_at',
  'allowed_ips',
  'approval',
  'prompt_policy',
];

export interface FieldsProps {
  readonly form: UseFormReturn<KeyDraft>;
  readonly error: unknown;
}

interface NamesProps {
  readonly control: Control<KeyDraft>;
  readonly error: unknown;
  readonly endpoints: readonly Endpoint[];
  readonly datasets: readonly Dataset[];
}

/** What the key may name: aliases of agents, raw models and datasets. */
export function NameFields({ control, error, endpoints, datasets }: NamesProps) {
  const ofKind = (kind: Endpoint['kind']) =>
    endpoints
      .filter((one) => one.kind === kind)
      .map(({ name, modalities, default: isDefault }) => ({
        value: name,
        note: `${isDefault ? 'the default, ' : ''}${modalities.join(', ')}`,
      }));
  const lists = [
    { name: 'agents', label: 'Aliases', none: 'No agent is published yet.', choices: ofKind('agent_alias') },
    { name: 'raw_models', label: 'Raw models', none: 'No raw model is published yet.', choices: ofKind('raw_model') },
    {
      name: 'datasets',
      label: 'Datasets',
      none: 'There are no datasets yet.',
      choices: datasets.map(({ alias, name }) => ({ value: alias, ...(name === '' ? {} : { note: name }) })),
    },
  ] as const;
  return (
    <div className="grid grid-cols-1 gap-6 md:grid-cols-3">
      {lists.map(({ name, label, none, choices }) => (
        <Controller
          key={name}
          control={control}
          name={name}
          render={({ field }) => (
            <PickNames
              label={label}
              choices={choices}
              value={field.value}
              none={none}
              fault={faultOf(error, name)}
              onChange={field.onChange}
            />
          )}
        />
      ))}
    </div>
  );
}

const limitWords = {
  requests_per_minute: 'Requests a minute',
  tokens_per_minute: 'Tokens a minute',
  parallel_requests: 'Requests at once',
  uploads_per_day: 'Uploads a day',
  stored_bytes: 'Stored bytes',
} as const;

/** How much the key may take. @param usual the limits that hold when a field stays empty. */
export function LimitFields({
  register,
  error,
  usual,
}: {
  readonly register: UseFormRegister<KeyDraft>;
  readonly error: unknown;
  readonly usual?: Partial<Record<keyof typeof limitWords, number | null>> | undefined;
}) {
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {limitNames.map((name) => (
        <Field key={name} label={limitWords[name]} fault={faultOf(error, `limits.${name}`)}>
          {(own) => (
            <Input
              {...own}
              type="number"
              min={0}
              step={1}
              placeholder={usual?.[name] == null ? 'No limit' : `${compact(usual[name])} by the preset`}
              {...register(`limits.${name}`)}
            />
          )}
        </Field>
      ))}
    </div>
  );
}

const held = routes.filter(({ access }) => access === 'X');

/** How streams are kept open, the WebSocket, and calls that wait for an approval. */
export function CallFields({ form, error }: FieldsProps) {
  const { register } = form;
  return (
    <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
      <div className="flex flex-col gap-4">
        <Field label="Silent streams are kept open with" hint="Some proxies close a connection that says nothing.">
          {(own) => (
            <Select {...own} {...register('keep_alive')}>
              <option value="comment">comments (most clients)</option>
              <option value="empty-chunk">empty chunks</option>
              <option value="off">nothing</option>
            </Select>
          )}
        </Field>
        <Check label="May open the WebSocket of Responses" {...register('websocket')} />
      </div>
      <Field
        label="Calls that wait for an approval"
        hint="A route's id on each line, or * for all that execute or change something. Empty: none."
        fault={faultOf(error, 'approval')}
      >
        {(own) => (
          <TextArea
            {...own}
            spellCheck={false}
            className="font-mono text-xs"
            placeholder={held
              .slice(0, 2)
              .map(({ id }) => id)
              .join('\n')}
            {...register('approval')}
          />
        )}
      </Field>
    </div>
  );
}
