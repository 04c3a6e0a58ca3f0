import type { UseFormRegister } from 'react-hook-form';
import { Field, Input, Select } from '../../ui/field.js';
import type { NewKeyDraft } from './key-draft.js';

/** A budget that is made with the key. */
export const BudgetFields = ({ register }: { readonly register: UseFormRegister<NewKeyDraft> }) => (
  <div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
    <Field label="Amount" hint="Calls are refused when it is spent. Empty: no budget.">
      {(own) => <Input {...own} type="number" min={0} step="any" placeholder="50" {...register('budget')} />}
    </Field>
    <Field label="Of" hint="A currency by ISO 4217, or tokens.">
      {(own) => <Input {...own} maxLength={6} spellCheck={false} {...register('budget_currency')} />}
    </Field>
    <Field label="For each">
      {(own) => (
        <Select {...own} {...register('budget_window')}>
          <option value="day">day</option>
          <option value="week">week</option>
          <option value="month">month</option>
          <option value="total">key, for good</option>
        </Select>
      )}
    </Field>
  </div>
);
