import { UploadCloud } from 'lucide-react';
import { useRef, useState, type DragEvent } from 'react';
import { toast } from 'sonner';
import { Button } from '../../ui/button.js';
import { classes } from '../../ui/classes.js';
import { addUploads } from './uploads.js';

/** A place for files: dropped on it, or chosen. */
export function DropZone({ dataset }: { readonly dataset: string }) {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const items = [...event.dataTransfer.items].filter(({ kind }) => kind === 'file');
    const folders = items.filter((item) => item.webkitGetAsEntry()?.isDirectory === true);
    const files = items.filter((item) => !folders.includes(item)).flatMap((item) => item.getAsFile() ?? []);
    if (folders.length > 0) toast.error('A folder cannot be dropped as it is. Pack it into a ZIP archive and drop that.');
    addUploads(dataset, files);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={classes(
        'flex flex-wrap items-center justify-center gap-x-4 gap-y-3 rounded-lg border border-dashed border-line-strong bg-surface px-4 py-6 text-center sm:text-left',
        isOver && 'border-accent bg-accent-soft',
      )}
    >
      <UploadCloud className="size-6 text-muted" aria-hidden />
      <div className="min-w-0">
        <p className="text-sm font-medium">Drop files here</p>
        <p className="text-sm text-muted">PDF, Office documents, text, Markdown, HTML. ZIP archives are unpacked.</p>
      </div>
      <Button onClick={() => input.current?.click()}>Choose files</Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files for the dataset"
        onChange={({ target }) => {
          addUploads(dataset, [...(target.files ?? [])]);
          target.value = '';
        }}
      />
    </div>
  );
}
