import { useNavigate } from '@tanstack/react-router';
import { Controller, useForm, type UseFormReturn } from 'react-hook-form';
import type { Reply } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Field, Input } from '../../ui/field.js';
import { Loading } from '../../ui/loading.js';
import { Panel } from '../../ui/panel.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import { BudgetFields } from './budget-fields.js';
import type { StartSearch } from './choose-start.js';
import { Disclosure } from './disclosure.js';
import { CallFields, faultFields, LimitFields, NameFields, PolicyFields, ReachFields } from './key-fields.js';
import {
  effectiveScopes,
  newDraft,
  newLink,
  offeredScopes,
  type Dataset,
  type Endpoint,
  type KeyDraft,
  type KeyObject,
  type NewKeyDraft,
  type Preset,
  type Start,
} from './key-draft.js';
import { LinkFields } from './link-fields.js';
import { useIssue } from './issue-key.js';
import { OpenRoutes } from './open-routes.js';
import { ScopeMatrix } from './scope-matrix.js';
import { SecretDialog } from './secret-dialog.js';
import { StartPanel } from './start-panel.js';

interface FormProps {
  readonly start: Start;
  readonly product: Reply<'runbooks.get'> | null;
  readonly presets: readonly Preset[];
  readonly onChoose: (start: StartSearch) => void;
}

/** Reads what the fields are filled with, and shows them then. */
export function NewKeyForm(props: FormProps) {
  const { start, product } = props;
  const base = (product?.id ?? start.preset?.slug ?? start.purpose).slice(0, 90);
  const taken = useCall('keys.list', { query: { search: base, limit: 100 } });
  const endpoints = useCall('endpoints.list', { query: { limit: 100 } });
  const datasets = useCall('datasets.list', { query: { limit: 100 } });
  const isConversation = start.purpose === 'conversation';
  const inference = useCall(
    'keys.list',
    { query: { purpose: 'inference', state: 'active', limit: 100 } },
    { enabled: isConversation },
  );
  const upload = useCall('keys.list', { query: { purpose: 'upload', state: 'active', limit: 100 } }, { enabled: isConversation });
  if (
    taken.data === undefined ||
    endpoints.data === undefined ||
    datasets.data === undefined ||
    (isConversation && (inference.data === undefined || upload.data === undefined))
  )
    return (
      <Panel>
        <FormTrouble error={taken.error ?? endpoints.error ?? datasets.error} />
        <Loading rows={8} />
      </Panel>
    );
  const names = new Set(taken.data.data.map(({ name }) => name));
  const linkable = [...(inference.data?.data ?? []), ...(upload.data?.data ?? [])];
  const links = start.preset?.links ?? null;
  const draft = newDraft(start, freeName(base, names), endpoints.data.data, datasets.data.data, {
    inference: links === null ? (inference.data?.data[0]?.id ?? newLink) : newLink,
    upload: links === null ? '' : links.upload === null ? '' : newLink,
  });
  return <Filled {...props} draft={draft} endpoints={endpoints.data.data} datasets={datasets.data.data} linkable={linkable} />;
}

function freeName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  for (let number = 2; ; number += 1) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}

interface FilledProps extends FormProps {
  readonly draft: NewKeyDraft;
  readonly endpoints: readonly Endpoint[];
  readonly datasets: readonly Dataset[];
  readonly linkable: readonly KeyObject[];
}

function Filled({ start, product, presets, onChoose, draft, endpoints, datasets, linkable }: FilledProps) {
  const form = useForm<NewKeyDraft>({ defaultValues: draft });
  const common = form as unknown as UseFormReturn<KeyDraft>;
  const { busy, error, issued, issue } = useIssue(start, presets);
  const navigate = useNavigate();
  const may = useMay();
  const { scopes, inference, upload, agents, raw_models } = form.watch();
  const scopesOf = (link: string, slug: string | null | undefined) =>
    link === newLink
      ? (presets.find((preset) => preset.slug === slug)?.scopes ?? [])
      : (linkable.find(({ id }) => id === link)?.effective_scopes ?? []);
  const effective =
    start.purpose === 'conversation'
      ? effectiveScopes(scopes, [
          { purpose: 'inference', scopes: scopesOf(inference, start.preset?.links?.inference) },
          { purpose: 'upload', scopes: scopesOf(upload, start.preset?.links?.upload) },
        ])
      : scopes;
  const needsModel = start.purpose === 'inference' && scopes.some((scope) => scope.startsWith('inference:'));
  return (
    <form
      className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]"
      onSubmit={(event) => void form.handleSubmit((filled) => issue(filled))(event)}
    >
      <div className="flex min-w-0 flex-col gap-4">
        <StartPanel start={start} product={product} presets={presets} onChoose={onChoose} />
        <Panel>
          <Field label="Name" hint="By which people and the command line know it." fault={faultOf(error, 'name')}>
            {(own) => <Input {...own} required maxLength={100} autoComplete="off" {...form.register('name')} />}
          </Field>
        </Panel>
        {start.purpose === 'conversation' && (
          <LinkFields form={form} links={start.preset?.links ?? null} keys={linkable} error={error} />
        )}
        <Panel title="Models and data">
          <NameFields control={common.control} error={error} endpoints={endpoints} datasets={datasets} />
          {needsModel && agents.length + raw_models.length === 0 && (
            <p role="status" className="mt-4 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
              Without an alias or a raw model the key can call no model.
            </p>
          )}
        </Panel>
        <Disclosure
          title="Scopes"
          note={scopes.length === 0 ? 'none is chosen' : scopes.join(', ')}
          open={start.preset === null || start.preset.scopes.length > 1}
        >
          <Controller
            control={form.control}
            name="scopes"
            render={({ field }) => <ScopeMatrix value={field.value} offered={offeredScopes(start)} onChange={field.onChange} />}
          />
          {faultOf(error, 'scopes') !== undefined && <p className="mt-2 text-xs text-bad">{faultOf(error, 'scopes')}</p>}
        </Disclosure>
        <Disclosure title="Limits" note="none of its own">
          <LimitFields register={common.register} error={error} usual={start.preset?.limits} />
        </Disclosure>
        {may('budgets.create') && (
          <Disclosure title="Budget" note="none">
            <BudgetFields register={form.register} />
          </Disclosure>
        )}
        <Disclosure title="End and addresses" note="never ends, from everywhere">
          <ReachFields form={common} error={error} />
        </Disclosure>
        {start.purpose !== 'upload' && (
          <Disclosure title="Prompt policy" note="no instructions and guardrails of its own">
            <PolicyFields form={common} error={error} />
          </Disclosure>
        )}
        <Disclosure title="Calls" note="streams, WebSocket, approvals">
          <CallFields form={common} error={error} />
        </Disclosure>
        <FormTrouble error={error} fields={faultFields} />
      </div>
      <div className="flex flex-col gap-4 lg:sticky lg:top-5">
        <Button type="submit" look="primary" className="h-10" busy={busy} disabled={scopes.length === 0}>
          Create the key
        </Button>
        <Panel title="What it may call">
          <OpenRoutes scopes={effective} />
        </Panel>
      </div>
      {issued !== null && (
        <SecretDialog
          title="The key is made"
          issued={issued.key}
          notes={issued.notes}
          runbook={start.runbook}
          onClose={() => void navigate({ to: `/keys/${issued.key.id}` })}
        />
      )}
    </form>
  );
}
