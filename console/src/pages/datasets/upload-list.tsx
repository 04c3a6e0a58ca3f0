import { FileArchive, FileText, RotateCw, X } from 'lucide-react';
import { bytes, number } from '../../format/numbers.js';
import { advice } from '../../api/fault.js';
import { IconButton } from '../../ui/button.js';
import { Panel } from '../../ui/panel.js';
import { ProgressBar } from './progress-bar.js';
import { removeUpload, retryUpload, useUploads, type Imported, type Upload } from './uploads.js';

/** What is on its way into the dataset, and what did not get there. */
export function UploadList({ dataset }: { readonly dataset: string }) {
  const uploads = useUploads(dataset);
  if (uploads.length === 0) return null;
  const left = uploads.filter(({ state }) => state === 'waiting' || state === 'sending').length;
  return (
    <Panel title={left === 0 ? 'Uploads' : `${number(left)} on the way`} flush>
      <ul aria-label="Uploads" className="max-h-80 divide-y divide-line overflow-y-auto">
        {uploads.map((upload) => (
          <UploadRow key={upload.id} of={upload} />
        ))}
      </ul>
    </Panel>
  );
}

function UploadRow({ of: upload }: { readonly of: Upload }) {
  const { id, file, isArchive, state, fault, imported } = upload;
  const Icon = isArchive ? FileArchive : FileText;
  const more = fault === null ? null : advice(fault);
  return (
    <li className="flex items-start gap-3 px-4 py-2.5 text-sm">
      <Icon className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap gap-x-3">
          <span className="min-w-0 truncate font-medium">{file.name}</span>
          <span className="text-muted tabular-nums">{standing(upload)}</span>
        </p>
        {state === 'sending' && (
          <ProgressBar
            className="mt-1.5"
            label={`Upload of ${file.name}`}
            parts={[upload.total === 0 ? 0 : upload.sent / upload.total]}
          />
        )}
        {fault !== null && (
          <p role="alert" className="text-bad">
            {fault.message} {more}
          </p>
        )}
        {imported !== null && <Entries of={imported} />}
      </div>
      {state === 'failed' && <IconButton icon={RotateCw} label={`Send ${file.name} again`} onClick={() => retryUpload(id)} />}
      <IconButton
        icon={X}
        label={state === 'waiting' || state === 'sending' ? `Stop ${file.name}` : `Take ${file.name} from the list`}
        onClick={() => removeUpload(id)}
      />
    </li>
  );
}

function standing({ state, sent, total, file, isArchive, imported }: Upload): string {
  if (state === 'waiting') return `${bytes(file.size)}, waiting`;
  if (state === 'failed') return bytes(file.size);
  if (imported !== null) return `${number(imported.accepted)} taken, ${number(imported.refused)} refused`;
  if (sent < total) return `${bytes(sent)} of ${bytes(total)}`;
  return isArchive ? 'sent, being unpacked' : 'sent, being stored';
}

/** Why entries of an archive were refused. */
function Entries({ of: { results } }: { readonly of: Imported }) {
  const refused = results.filter(({ error }) => error !== null);
  if (refused.length === 0) return null;
  return (
    <details className="mt-1">
      <summary className="cursor-pointer text-bad">What was refused, and why</summary>
      <ul className="mt-1 flex flex-col gap-0.5">
        {refused.map(({ name, error }) => (
          <li key={name} className="break-words">
            <span className="font-mono text-xs">{name}</span>: {error?.message}
          </li>
        ))}
      </ul>
    </details>
  );
}
