import { useId } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Field, Input, Select } from '../../ui/field.js';
import { faultOf } from '../../ui/trouble.js';
import type { AgentDraft, Modality } from './agent-draft.js';

interface ModelsProps {
  readonly form: UseFormReturn<AgentDraft>;
  readonly modalities: readonly Modality[];
  readonly error: unknown;
}

/** Which model serves what. A row without a model serves nothing. */
export function ModelFields({ form, modalities, error }: ModelsProps) {
  const { data } = useCall('connections.list', { query: { limit: 100 } });
  const names = data?.data.map(({ name }) => name) ?? [];
  return (
    <div className="flex flex-col gap-4">
      {names.length === 0 && data !== undefined && (
        <p className="text-sm text-muted">There are no connections yet. Add one before you choose models.</p>
      )}
      {modalities.map((modality) => (
        <div
          key={modality}
          role="group"
          aria-label={modality}
          className="grid grid-cols-1 gap-x-4 gap-y-2 sm:grid-cols-[7rem_1fr_1fr]"
        >
          <span className="text-sm font-medium sm:pt-8">{modality}</span>
          <Field label="Connection">
            {(own) => {
              const { connection } = form.watch(`models.${modality}`);
              return (
                <Select
                  {...own}
                  value={connection}
                  onChange={(event) => form.setValue(`models.${modality}.connection`, event.target.value, { shouldDirty: true })}
                >
                  <option value="">None</option>
                  {[...new Set([...names, ...(connection === '' ? [] : [connection])])].map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </Select>
              );
            }}
          </Field>
          <Field label="Model" fault={faultOf(error, `models.${modality}`)}>
            {(own) => (
              <ModelInput
                own={own}
                connection={form.watch(`models.${modality}.connection`)}
                input={form.register(`models.${modality}.model`)}
              />
            )}
          </Field>
        </div>
      ))}
    </div>
  );
}

interface InputProps {
  readonly own: object;
  /** Its name. */
  readonly connection: string;
  readonly input: object;
}

const mostOffered = 300;

/** A model's name, with those that the provider names on offer. */
export function ModelInput({ own, connection, input }: InputProps) {
  const list = useId();
  const may = useMay();
  const connections = useCall('connections.list', { query: { limit: 100 } });
  const id = connections.data?.data.find(({ name }) => name === connection)?.id;
  const isAsked = id !== undefined && may('connections.models');
  const { data } = useCall('connections.models', { id: id ?? '' }, { enabled: isAsked });
  return (
    <>
      <Input {...own} list={list} autoComplete="off" {...input} />
      <datalist id={list}>
        {data?.data.slice(0, mostOffered).map((one) => (
          <option key={one.id} value={one.id} />
        ))}
      </datalist>
    </>
  );
}
