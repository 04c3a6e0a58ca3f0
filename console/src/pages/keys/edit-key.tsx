import { Save } from 'lucide-react';
import { useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { rights } from 'virtual:facts';
import type { Body } from '../../api/call.js';
import { useCall, useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Field, Input, Select } from '../../ui/field.js';
import { Loading } from '../../ui/loading.js';
import { Panel } from '../../ui/panel.js';
import { faultOf, FormTrouble, Trouble } from '../../ui/trouble.js';
import { CallFields, faultFields, LimitFields, NameFields } from './key-fields.js';
import {
  draftOf,
  effectiveScopes,
  fieldsOf,
  type Dataset,
  type Endpoint,
  type KeyDraft,
  type KeyObject,
  type Scope,
} from './key-draft.js';
import { OpenRoutes } from './open-routes.js';
import { PolicyFields } from './policy-fields.js';
import { ReachFields } from './reach-fields.js';
import { ScopeMatrix } from './scope-matrix.js';

/** Changes a key. Only what is other than before is sent; purpose and preset never change. */
export function EditKey({ of: key }: { readonly of: KeyObject }) {
  const endpoints = useCall('endpoints.list', { query: { limit: 100 } });
  const datasets = useCall('datasets.list', { query: { limit: 100 } });
  const preset = useCall('presets.get', { id: key.preset ?? '' }, { enabled: key.preset !== null });
  const keys = useCall('keys.list', { query: { limit: 100 } }, { enabled: key.links !== null });
  const error = endpoints.error ?? datasets.error;
  if (error !== null) return <Trouble error={error} />;
  if (
    endpoints.data === undefined ||
    datasets.data === undefined ||
    (key.preset !== null && preset.isPending) ||
    (key.links !== null && keys.isPending)
  )
    return (
      <Panel>
        <Loading rows={8} />
      </Panel>
    );
  return (
    <Filled
      of={key}
      offered={preset.data?.scopes ?? rights[key.purpose].own}
      endpoints={endpoints.data.data}
      datasets={datasets.data.data}
      keys={keys.data?.data ?? []}
    />
  );
}

interface FilledProps {
  readonly of: KeyObject;
  readonly offered: readonly Scope[];
  readonly endpoints: readonly Endpoint[];
  readonly datasets: readonly Dataset[];
  /** Those that may be linked. */
  readonly keys: readonly KeyObject[];
}

interface EditDraft extends KeyDraft {
  inference: string;
  upload: string;
}

function Filled({ of: key, offered, endpoints, datasets, keys }: FilledProps) {
  const links = { inference: key.links?.inference ?? '', upload: key.links?.upload ?? '' };
  const form = useForm<EditDraft>({ defaultValues: { ...draftOf(key), ...links } });
  const common = form as unknown as ReturnType<typeof useForm<KeyDraft>>;
  const [before, setBefore] = useState(key);
  const change = useChange('keys.update', { done: 'The key is changed.', also: ['key-activity', 'key-report', 'audit'] });
  const { error } = change;
  const save = (draft: EditDraft) => {
    const body = { ...changesOf(before, draft), ...linksOf(before, draft) };
    if (Object.keys(body).length === 0) return;
    change.mutate(
      { id: key.id, body },
      {
        onSuccess: (changed) => {
          setBefore(changed);
          form.reset({ ...draftOf(changed), inference: draft.inference, upload: draft.upload });
        },
      },
    );
  };
  const { scopes, inference, upload } = form.watch();
  const linked = keys
    .filter(({ id }) => id === inference || id === upload)
    .map(({ purpose, effective_scopes }) => ({ purpose, scopes: effective_scopes }));
  const choices = (purpose: KeyObject['purpose']) =>
    keys
      .filter((one) => one.purpose === purpose)
      .map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ));
  return (
    <form
      className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]"
      onSubmit={(event) => void form.handleSubmit(save)(event)}
    >
      <div className="flex min-w-0 flex-col gap-5">
        <Panel title="Name">
          <Field label="Name" fault={faultOf(error, 'name')}>
            {(own) => <Input {...own} required maxLength={100} {...form.register('name')} />}
          </Field>
        </Panel>
        <Panel title="Scopes">
          <Controller
            control={form.control}
            name="scopes"
            render={({ field }) => <ScopeMatrix value={field.value} offered={offered} onChange={field.onChange} />}
          />
          {faultOf(error, 'scopes') !== undefined && <p className="mt-2 text-xs text-bad">{faultOf(error, 'scopes')}</p>}
        </Panel>
        {key.links !== null && (
          <Panel title="Keys that it uses">
            <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
              <Field label="For models" fault={faultOf(error, 'links.inference')}>
                {(own) => (
                  <Select {...own} {...form.register('inference')}>
                    {choices('inference')}
                  </Select>
                )}
              </Field>
              <Field label="For uploads" fault={faultOf(error, 'links.upload')}>
                {(own) => (
                  <Select {...own} {...form.register('upload')}>
                    <option value="">None</option>
                    {choices('upload')}
                  </Select>
                )}
              </Field>
            </div>
          </Panel>
        )}
        {key.links === null && (
          <Panel title="Models and data">
            <NameFields control={common.control} error={error} endpoints={endpoints} datasets={datasets} />
          </Panel>
        )}
        <Panel title="Limits">
          <LimitFields register={common.register} error={error} />
        </Panel>
        <Panel title="End and addresses">
          <ReachFields form={common} error={error} />
        </Panel>
        {key.purpose === 'inference' && (
          <Panel title="Prompt policy">
            <PolicyFields form={common} error={error} />
          </Panel>
        )}
        <Panel title="Calls">
          <CallFields form={common} error={error} />
        </Panel>
        <FormTrouble error={error} fields={faultFields} />
      </div>
      <div className="flex flex-col gap-4 lg:sticky lg:top-5">
        <Button
          type="submit"
          look="primary"
          icon={Save}
          className="h-10"
          busy={change.isPending}
          disabled={!form.formState.isDirty}
        >
          Save the changes
        </Button>
        {change.data?.notices?.map((notice) => (
          <p key={notice} role="status" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
            {notice}
          </p>
        ))}
        <Panel title="What it may call">
          <OpenRoutes scopes={effectiveScopes(scopes, linked)} />
        </Panel>
      </div>
    </form>
  );
}

/** The fields that are other than they were. */
function changesOf(key: KeyObject, draft: KeyDraft): Body<'keys.update'> {
  const before = fieldsOf(draftOf(key));
  const after = Object.entries(fieldsOf(draft));
  return Object.fromEntries(
    after.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof typeof before])),
  );
}

function linksOf({ links }: KeyObject, { inference, upload }: EditDraft): Pick<Body<'keys.update'>, 'links'> {
  if (links === null || (inference === (links.inference ?? '') && upload === (links.upload ?? ''))) return {};
  return { links: { inference, upload: upload === '' ? null : upload } };
}
