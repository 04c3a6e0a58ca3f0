import { useForm } from 'react-hook-form';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { FormTrouble } from '../../ui/trouble.js';
import { faultFields, fieldsOf, newDraft, type Dataset, type DatasetDraft } from './dataset-draft.js';
import { NameFields, ReadingFields } from './dataset-fields.js';

/** Makes a dataset. */
export function NewDataset({ onClose, onDone }: { readonly onClose: () => void; readonly onDone: (made: Dataset) => void }) {
  const form = useForm<DatasetDraft>({ defaultValues: newDraft });
  const create = useChange('datasets.create', { done: 'The dataset is there.', also: ['audit'] });
  const save = (draft: DatasetDraft) => create.mutate({ body: fieldsOf(draft) }, { onSuccess: onDone });
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title="Create a dataset"
      description="A collection of documents that agents and keys search."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="new-dataset" look="primary" busy={create.isPending}>
            Create the dataset
          </Button>
        </>
      }
    >
      <form id="new-dataset" className="flex flex-col gap-4" onSubmit={(event) => void form.handleSubmit(save)(event)}>
        <NameFields autoFocus register={form.register} error={create.error} />
        <ReadingFields register={form.register} error={create.error} connection={form.watch('connection')} />
        <FormTrouble error={create.error} fields={faultFields} />
      </form>
    </Dialog>
  );
}
