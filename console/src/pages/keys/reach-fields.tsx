import { Button } from '../../ui/button.js';
import { Field, Input, TextArea } from '../../ui/field.js';
import { faultOf } from '../../ui/trouble.js';
import { localTime } from './key-draft.js';
import type { FieldsProps } from './key-fields.js';

const spans = [
  ['7 days', 7],
  ['30 days', 30],
  ['90 days', 90],
  ['1 year', 365],
] as const;

/** When the key ends, and from where it may be used. */
export function ReachFields({ form, error }: FieldsProps) {
  const { register, setValue } = form;
  const set = (days: number | null) =>
    setValue('expires', days === null ? '' : localTime(Math.floor(Date.now() / 1000) + days * 86_400), { shouldDirty: true });
  return (
    <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
      <div className="flex flex-col gap-2">
        <Field label="Ends" hint="In your own time zone. Empty: never." fault={faultOf(error, 'expires_at')}>
          {(own) => <Input {...own} type="datetime-local" {...register('expires')} />}
        </Field>
        <div className="flex flex-wrap gap-1.5">
          {spans.map(([label, days]) => (
            <Button key={label} className="h-7 px-2 text-xs" onClick={() => set(days)}>
              {label}
            </Button>
          ))}
          <Button className="h-7 px-2 text-xs" onClick={() => set(null)}>
            Never
          </Button>
        </div>
      </div>
      <Field
        label="Allowed addresses"
        hint="One IP address or CIDR range on each line. Empty: from everywhere."
        fault={faultOf(error, 'allowed_ips')}
      >
        {(own) => <TextArea {...own} placeholder={'203.0.113.7\n2001:db8::/32'} spellCheck={false} {...register('addresses')} />}
      </Field>
    </div>
  );
}
