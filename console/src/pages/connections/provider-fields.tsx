import type { UseFormReturn } from 'react-hook-form';
import type { Item } from '../../api/call.js';
import { Field, Select } from '../../ui/field.js';
import { Panel } from '../../ui/panel.js';
import type { ConnectionDraft } from './connection-draft.js';

interface ProviderProps {
  readonly form: UseFormReturn<ConnectionDraft>;
  readonly providers: readonly Item<'providers.list'>[];
}

/** Chooses a known provider, whose settings are then taken where none are given. */
export function ProviderFields({ form, providers }: ProviderProps) {
  const known = providers.find(({ id }) => id === form.watch('provider'));
  const choose = (id: string) => {
    form.setValue('provider', id, { shouldDirty: true });
    form.setValue('mode', providers.find((one) => one.id === id)?.auth.mode ?? 'header_token');
  };
  return (
    <Panel title="Provider">
      <Field
        label="Provider"
        hint={known?.remark.replaceAll('`', '') ?? 'Any server that speaks one of the forms below will do.'}
      >
        {(own) => (
          <Select {...own} value={known?.id ?? ''} onChange={(event) => choose(event.target.value)}>
            <option value="">Another one</option>
            {providers.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </Panel>
  );
}
