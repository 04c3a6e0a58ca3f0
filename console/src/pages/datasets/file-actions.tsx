import { BookOpenText, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Confirm } from '../../ui/dialog.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { FormTrouble } from '../../ui/trouble.js';
import { toast } from 'sonner';
import type { DatasetFile } from './file-stage.js';

/** What can be done with one file. `onRead`: undefined where its text may not be read. */
export function FileActions({ of: file, onRead }: { readonly of: DatasetFile; readonly onRead: (() => void) | undefined }) {
  const { id, filename } = file;
  const may = useMay();
  const [isAsking, setAsking] = useState(false);
  const again = useChange('files.reprocess', { done: `${filename} is processed again.`, also: ['audit'] });
  const remove = useChange('files.delete', { done: `${filename} is deleted.`, also: ['audit'] });
  if (onRead === undefined && !may('files.delete')) return null;
  return (
    <>
      <Menu label={`What to do with ${filename}`}>
        {onRead !== undefined && (
          <MenuItem icon={BookOpenText} onSelect={onRead}>
            Show its passages
          </MenuItem>
        )}
        {may('files.reprocess') && (
          <MenuItem
            icon={RotateCw}
            onSelect={() => again.mutate({ id }, { onError: ({ message }) => void toast.error(message) })}
          >
            Process it again
          </MenuItem>
        )}
        {may('files.delete') && (
          <MenuItem icon={Trash2} danger onSelect={() => setAsking(true)}>
            Delete it
          </MenuItem>
        )}
      </Menu>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title={`Delete ${filename}?`}
        description="Its passages are found no more, and its content is removed from the storage."
        action="Delete"
        busy={remove.isPending}
        onConfirm={() => remove.mutate({ id }, { onSuccess: () => setAsking(false) })}
      >
        <FormTrouble error={remove.error} />
      </Confirm>
    </>
  );
}
