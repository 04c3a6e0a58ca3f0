import { useNavigate } from '@tanstack/react-router';
import { Controller, useForm, type UseFormReturn } from 'react-hook-form';
import type { Reply } from '../../api/call.js';
import { useMay } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Field, Input } from '../../ui/field.js';
import { Panel } from '../../ui/panel.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import { BudgetFields } from './budget-fields.js';
import type { StartSearch } from './choose-start.js';
import { Disclosure } from './disclosure.js';
import { CallFields, faultFields, LimitFields, NameFields } from './key-fields.js';
import {
  effectiveScopes,
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
import { notesOf } from './draft-notes.js';
import { LinkFields } from './link-fields.js';
import { useIssue } from './issue-key.js';
import { OpenRoutes } from './open-routes.js';
import { PolicyFields } from './policy-fields.js';
import { ReachFields } from './reach-fields.js';
import { ScopeMatrix } from './scope-matrix.js';
import { SecretDialog } from './secret-dialog.js';
import { StartPanel } from './start-panel.js';

export interface StartProps {
  readonly start: Start;
  readonly product: Reply<'runbooks.get'> | null;
  readonly presets: readonly Preset[];
  readonly onChoose: (start: StartSearch) => void;
}

interface FormProps extends StartProps {
  /** What the fields are filled with. */
  readonly draft: NewKeyDraft;
  readonly endpoints: readonly Endpoint[];
  readonly datasets: readonly Dataset[];
  readonly linkable: readonly KeyObject[];
}

/** All of a new key, filled in, with the routes that it opens beside it; then its secret. */
export function NewKeyForm({ start, product, presets, onChoose, draft, endpoints, datasets, linkable }: FormProps) {
  const form = useForm<NewKeyDraft>({ defaultValues: draft });
  const common = form as unknown as UseFormReturn<KeyDraft>;
  const { busy, error, issued, issue } = useIssue(start, presets);
  const navigate = useNavigate();
  const may = useMay();
  const filled = form.watch();
  const { scopes, inference, upload, agents, raw_models } = filled;
  const notes = notesOf(filled);
  const isFaulty = (...fields: string[]) => fields.some((field) => faultOf(error, field) !== undefined);
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
      onSubmit={(event) => void form.handleSubmit(issue)(event)}
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
          faulty={isFaulty('scopes')}
          open={start.preset === null || start.preset.scopes.length > 1}
        >
          <Controller
            control={form.control}
            name="scopes"
            render={({ field }) => <ScopeMatrix value={field.value} offered={offeredScopes(start)} onChange={field.onChange} />}
          />
          {faultOf(error, 'scopes') !== undefined && <p className="mt-2 text-xs text-bad">{faultOf(error, 'scopes')}</p>}
        </Disclosure>
        <Disclosure title="Limits" note={notes.limits} faulty={isFaulty('limits')}>
          <LimitFields register={common.register} error={error} usual={start.preset?.limits} />
        </Disclosure>
        {may('budgets.create') && (
          <Disclosure title="Budget" note={notes.budget}>
            <BudgetFields register={form.register} />
          </Disclosure>
        )}
        <Disclosure title="End and addresses" note={notes.reach} faulty={isFaulty('expires_at', 'allowed_ips')}>
          <ReachFields form={common} error={error} />
        </Disclosure>
        {start.purpose !== 'upload' && (
          <Disclosure
            title="Prompt policy"
            note={notes.policy}
            faulty={isFaulty('prompt_policy') || form.formState.errors.guardrails !== undefined}
          >
            <PolicyFields form={common} error={error} />
          </Disclosure>
        )}
        <Disclosure title="Calls" note="streams, WebSocket, approvals" faulty={isFaulty('approval')}>
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
