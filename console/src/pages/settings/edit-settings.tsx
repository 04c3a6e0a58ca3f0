import { useForm } from 'react-hook-form';
import { routes } from 'virtual:facts';
import { toast } from 'sonner';
import type { Reply } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Check, Field, Input, TextArea } from '../../ui/field.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import { limitIds, limitNames } from './limit-names.js';
import { draftOf, settingsChange, type SettingsDraft } from './settings-draft.js';

interface Props {
  readonly of: Reply<'tenants.get'>;
  /** Operators change more, and do not switch on that bodies are kept. */
  readonly isOperator: boolean;
  readonly onClose: () => void;
}

const groups = [...new Set(routes.map(({ group }) => group)), 'websocket'];
const shown = [
  'name',
  'time_zone',
  'retention_days',
  'stored_days',
  'request_log_days',
  'request_bodies',
  'routes_off',
  'approval',
  'limits',
  'hosts',
  'ceiling',
  'markup_per_mille',
];

/** Changes the settings of a tenant. */
export function EditSettings({ of, isOperator, onClose }: Props) {
  const { register, handleSubmit } = useForm<SettingsDraft>({ defaultValues: draftOf(of) });
  const { mutate, isPending, error } = useChange('tenants.update', { done: 'The settings are changed.' });
  const save = handleSubmit((draft) => {
    const body = settingsChange(of, draft);
    if (Object.keys(body).length === 0) return onClose();
    mutate(
      { id: of.slug, body },
      {
        onSuccess: ({ notices = [] }) => {
          for (const notice of notices) toast.warning(notice);
          onClose();
        },
      },
    );
  });
  const days = (name: 'retention_days' | 'stored_days' | 'request_log_days' | 'body_days', label: string, hint: string) => (
    <Field label={label} hint={hint} fault={faultOf(error, name === 'body_days' ? 'request_bodies' : name)}>
      {(own) => <Input {...own} type="number" min={0} {...register(name)} />}
    </Field>
  );
  const limits = (of: 'limits' | 'ceiling', title: string) => (
    <fieldset className="grid gap-3 sm:grid-cols-2">
      <legend className="mb-2 text-sm font-semibold">{title}</legend>
      {limitIds.map((id) => (
        <Field key={id} label={limitNames[id]} hint="Empty: no limit." fault={faultOf(error, `${of}.${id}`)}>
          {(own) => <Input {...own} type="number" min={0} {...register(`${of}.${id}`)} />}
        </Field>
      ))}
    </fieldset>
  );
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={`Settings of ${of.name}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="settings" busy={isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id="settings" className="flex flex-col gap-6" onSubmit={(event) => void save(event)}>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Name" fault={faultOf(error, 'name')}>
            {(own) => <Input {...own} required {...register('name')} />}
          </Field>
          <Field
            label="Time zone of budgets"
            hint="Such as Europe/Berlin. A change begins new periods."
            fault={faultOf(error, 'time_zone')}
          >
            {(own) => <Input {...own} required {...register('time_zone')} />}
          </Field>
          <Check label="Keys can call the API" {...register('api_enabled')} />
        </div>
        {limits('limits', 'Limits of the tenant as a whole')}
        <fieldset className="grid gap-3 sm:grid-cols-2">
          <legend className="mb-2 text-sm font-semibold">What is kept, in days</legend>
          {days('retention_days', 'Untouched conversations', 'Empty: for ever.')}
          {days('stored_days', 'Stored completions and responses', 'From 1 to 365.')}
          {days('request_log_days', 'Request log', 'Empty: as long as the platform keeps it. 0: none.')}
          {!isOperator && days('body_days', 'Bodies of calls', 'Redacted and sealed, at most 30. Empty: not kept.')}
        </fieldset>
        <fieldset>
          <legend className="mb-2 text-sm font-semibold">Routes that no key sees</legend>
          <div className="grid grid-cols-2 gap-2 sm:grid-cols-3">
            {groups.map((group) => (
              <Check key={group} label={group.replaceAll('_', ' ')} value={group} {...register('routes_off')} />
            ))}
          </div>
          <p className="mt-1 text-xs text-bad">{faultOf(error, 'routes_off')}</p>
        </fieldset>
        <Field
          label="Routes whose calls are held for approval"
          hint="One in a line: an id such as responses.create, a method and path, or * for all that change something."
          fault={faultOf(error, 'approval')}
        >
          {(own) => <TextArea {...own} {...register('approval')} />}
        </Field>
        {isOperator && (
          <>
            {limits('ceiling', 'Ceilings')}
            <Field label="Hosts" hint="One in a line. Only this tenant is served under them." fault={faultOf(error, 'hosts')}>
              {(own) => <TextArea {...own} {...register('hosts')} />}
            </Field>
            <Field label="Markup in percent" hint="Below zero is taken off." fault={faultOf(error, 'markup_per_mille')}>
              {(own) => <Input {...own} type="number" step="0.1" {...register('markup')} />}
            </Field>
          </>
        )}
        <FormTrouble error={error} fields={shown} />
      </form>
    </Dialog>
  );
}
