import type { UseFormRegister } from 'react-hook-form';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Check, Field, Input, Select } from '../../ui/field.js';
import { faultOf } from '../../ui/trouble.js';
import type { DatasetDraft } from './dataset-draft.js';

interface FieldsProps {
  readonly register: UseFormRegister<DatasetDraft>;
  readonly error: unknown;
  /** The connection that is chosen, by its name. */
  readonly connection: string;
}

/** How a dataset is called. */
export function NameFields({
  register,
  error,
  autoFocus = false,
}: Omit<FieldsProps, 'connection'> & { readonly autoFocus?: boolean }) {
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
      <Field label="Alias" hint="By it keys and agents know the dataset." fault={faultOf(error, 'alias')}>
        {(own) => <Input {...own} autoFocus={autoFocus} required maxLength={64} placeholder="handbook" {...register('alias')} />}
      </Field>
      <Field label="Name" hint="For people. It may be empty." fault={faultOf(error, 'name')}>
        {(own) => <Input {...own} maxLength={200} {...register('name')} />}
      </Field>
    </div>
  );
}

/** How its files are read, cut and embedded. */
export function ReadingFields({ register, error, connection }: FieldsProps) {
  const may = useMay();
  const connections = useCall('connections.list', { query: { limit: 100 } });
  const id = connections.data?.data.find(({ name }) => name === connection)?.id ?? '';
  const models = useCall('connections.models', { id }, { enabled: id !== '' && may('connections.models') });
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
      <Field label="Connection" hint="Whose model embeds the passages." fault={faultOf(error, 'embedding.connection')}>
        {(own) => (
          <Select {...own} required {...register('connection')}>
            <option value="">Choose one</option>
            {[...new Set([...(connections.data?.data.map(({ name }) => name) ?? []), connection])]
              .filter((name) => name !== '')
              .map((name) => (
                <option key={name}>{name}</option>
              ))}
          </Select>
        )}
      </Field>
      <Field label="Embedding model" hint="As its provider names it." fault={faultOf(error, 'embedding.model')}>
        {(own) => (
          <>
            <Input {...own} required maxLength={256} list="embedding-models" autoComplete="off" {...register('model')} />
            <datalist id="embedding-models">
              {models.data?.data.map((model) => (
                <option key={model.id} value={model.id} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label="Length of a passage" hint="In tokens, 32 to 8,192." fault={faultOf(error, 'chunk_tokens')}>
        {(own) => (
          <Input {...own} type="number" required min={32} max={8192} {...register('chunkTokens', { valueAsNumber: true })} />
        )}
      </Field>
      <Field label="Overlap" hint="Tokens that neighbours share, at most half." fault={faultOf(error, 'overlap_tokens')}>
        {(own) => (
          <Input {...own} type="number" required min={0} max={4096} {...register('overlapTokens', { valueAsNumber: true })} />
        )}
      </Field>
      <Field
        label="Languages of scans"
        hint="As Tesseract names them, for example eng, deu. Empty: scanned pages are not read."
        fault={faultOf(error, 'ocr_languages')}
      >
        {(own) => <Input {...own} placeholder="eng" {...register('ocrLanguages')} />}
      </Field>
      <Check className="self-center" label="Read hidden sheets of workbooks" {...register('hiddenSheets')} />
    </div>
  );
}
