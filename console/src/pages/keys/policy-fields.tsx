import { ShieldCheck } from 'lucide-react';
import { Button } from '../../ui/button.js';
import { Field, TextArea } from '../../ui/field.js';
import { faultOf } from '../../ui/trouble.js';
import type { FieldsProps } from './key-fields.js';

const guardrailKinds = {
  'Mask personal data': { module: 'pii', action: 'mask', restore: true },
  'Block terms': { module: 'blocked_terms', terms: ['project nightfall'] },
  Moderate: { module: 'moderation' },
  'Limit the input': { module: 'max_input_tokens', tokens: 8000 },
} as const;

/** Instructions and guardrails for all calls of the key. */
export function PolicyFields({ form, error }: FieldsProps) {
  const { register, setValue, getValues, formState } = form;
  const add = (kind: keyof typeof guardrailKinds) => {
    const text = getValues('guardrails').trim();
    const before = text === '' ? [] : parsed(text);
    if (before !== undefined)
      setValue('guardrails', JSON.stringify([...before, guardrailKinds[kind]], null, 2), { shouldDirty: true });
  };
  const fault = formState.errors.guardrails?.message ?? faultOf(error, 'prompt_policy.guardrails');
  return (
    <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
      <Field
        label="Instructions"
        hint="Sent in addition to those of the agent, with every call."
        fault={faultOf(error, 'prompt_policy.instructions')}
      >
        {(own) => <TextArea {...own} rows={6} maxLength={50_000} {...register('instructions')} />}
      </Field>
      <div className="flex flex-col gap-2">
        <Field
          label="Guardrails"
          hint="A list in JSON, as in docs/guardrails.md. Begin with a button and change it."
          fault={fault}
        >
          {(own) => (
            <TextArea
              {...own}
              rows={6}
              spellCheck={false}
              className="font-mono text-xs"
              {...register('guardrails', {
                validate: (text) => text.trim() === '' || parsed(text) !== undefined || 'This is no list in JSON.',
              })}
            />
          )}
        </Field>
        <div className="flex flex-wrap gap-1.5">
          {(Object.keys(guardrailKinds) as (keyof typeof guardrailKinds)[]).map((kind) => (
            <Button key={kind} icon={ShieldCheck} className="h-7 px-2 text-xs" onClick={() => add(kind)}>
              {kind}
            </Button>
          ))}
        </div>
      </div>
    </div>
  );
}

function parsed(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
