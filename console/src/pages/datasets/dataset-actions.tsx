import { useNavigate } from '@tanstack/react-router';
import { RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { number } from '../../format/numbers.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { FormTrouble } from '../../ui/trouble.js';
import type { Dataset } from './dataset-draft.js';

/** What can be done with a dataset as a whole. */
export function DatasetActions({ of: { id, alias } }: { readonly of: Dataset }) {
  const may = useMay();
  const navigate = useNavigate();
  const [asked, ask] = useState<'reembed' | 'delete'>();
  const reembed = useChange('datasets.reembed', { also: ['files', 'audit'] });
  const remove = useChange('datasets.delete', { done: `${alias} is deleted.`, also: ['files', 'audit'] });
  const close = () => ask(undefined);
  return (
    <>
      {may('datasets.reembed') && (
        <Button icon={RefreshCw} onClick={() => ask('reembed')}>
          Re-embed
        </Button>
      )}
      {may('datasets.delete') && (
        <Button look="danger" icon={Trash2} onClick={() => ask('delete')}>
          Delete
        </Button>
      )}
      <Confirm
        open={asked === 'reembed'}
        onOpenChange={close}
        title={`Re-embed ${alias}?`}
        description="All its files are read, cut and embedded again, which costs what embedding costs. Their old passages are found until the new ones are there."
        action="Re-embed all files"
        busy={reembed.isPending}
        onConfirm={() =>
          reembed.mutate(
            { id, body: {} },
            {
              onSuccess: ({ files }) => {
                toast.success(`${number(files)} files wait for new passages.`);
                close();
              },
            },
          )
        }
      >
        <FormTrouble error={reembed.error} />
      </Confirm>
      <Confirm
        open={asked === 'delete'}
        onOpenChange={close}
        title={`Delete ${alias}?`}
        description="The dataset goes with all its files, their contents and passages. It cannot be brought back."
        action="Delete the dataset"
        typed={alias}
        busy={remove.isPending}
        onConfirm={() => remove.mutate({ id }, { onSuccess: () => void navigate({ to: '/datasets' }) })}
      >
        <FormTrouble error={remove.error} />
      </Confirm>
    </>
  );
}
