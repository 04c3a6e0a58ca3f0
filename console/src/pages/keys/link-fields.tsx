import type { UseFormReturn } from 'react-hook-form';
import { Field, Select } from '../../ui/field.js';
import { Panel } from '../../ui/panel.js';
import { faultOf } from '../../ui/trouble.js';
import { newLink, type KeyObject, type NewKeyDraft, type Preset } from './key-draft.js';

interface LinkProps {
  readonly form: UseFormReturn<NewKeyDraft>;
  readonly links: Preset['links'];
  /** Those that may be linked. */
  readonly keys: readonly KeyObject[];
  readonly error: unknown;
}

/** The keys that a conversation key uses: some that there are, or new ones that are made with it. */
export function LinkFields({ form, links, keys, error }: LinkProps) {
  const { register } = form;
  const options = (purpose: KeyObject['purpose'], preset: string | null | undefined) => (
    <>
      {preset != null && <option value={newLink}>A new key of the preset {preset}</option>}
      {keys
        .filter((key) => key.purpose === purpose)
        .map(({ id, name, last_four }) => (
          <option key={id} value={id}>
            {name} (…{last_four})
          </option>
        ))}
    </>
  );
  return (
    <Panel title="Keys that it uses">
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
        <Field
          label="For models"
          hint="A new key gets the models that are chosen below."
          fault={faultOf(error, 'links.inference')}
        >
          {(own) => (
            <Select {...own} {...register('inference')}>
              {options('inference', links?.inference)}
            </Select>
          )}
        </Field>
        <Field
          label="For uploads"
          hint="A new key gets the datasets that are chosen below."
          fault={faultOf(error, 'links.upload')}
        >
          {(own) => (
            <Select {...own} {...register('upload')}>
              <option value="">None</option>
              {options('upload', links?.upload)}
            </Select>
          )}
        </Field>
      </div>
    </Panel>
  );
}
