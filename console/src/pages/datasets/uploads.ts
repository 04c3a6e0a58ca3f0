import { useSyncExternalStore } from 'react';
import { queryClient } from '../../api/queries.js';
import type { Reply } from '../../api/call.js';
import { ApiFault } from '../../api/fault.js';
import { sendFile } from './send-file.js';

/** So many files are sent at once; the others wait. */
const mostAtOnce = 3;

export type Imported = Reply<'datasets.import'>;

/** A file on its way into a dataset. */
export interface Upload {
  readonly id: number;
  readonly dataset: string;
  readonly file: File;
  readonly isArchive: boolean;
  readonly state: 'waiting' | 'sending' | 'failed' | 'done';
  /** Bytes that have left the browser, of all that the request has. */
  readonly sent: number;
  readonly total: number;
  readonly fault: ApiFault | null;
  /** What became of the entries of an archive. */
  readonly imported: Imported | null;
  readonly retries: number;
}

let uploads: readonly Upload[] = [];
let last = 0;
const listeners = new Set<() => void>();
const running = new Map<number, AbortController>();

function put(next: readonly Upload[]): void {
  uploads = next;
  for (const hear of listeners) hear();
}

const change = (id: number, part: Partial<Upload>): void =>
  put(uploads.map((one) => (one.id === id ? { ...one, ...part } : one)));

/** The uploads into a dataset. They go on while other pages are looked at. */
export function useUploads(dataset: string): readonly Upload[] {
  const all = useSyncExternalStore(
    (hear) => {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    () => uploads,
  );
  return all.filter((one) => one.dataset === dataset);
}

/** Archives are unpacked by the platform, everything else is one file. */
export function addUploads(dataset: string, files: readonly File[]): void {
  const added = files.map((file): Upload => {
    const isArchive = /\.zip$/i.test(file.name);
    return {
      id: ++last,
      dataset,
      file,
      isArchive,
      state: 'waiting',
      sent: 0,
      total: file.size,
      fault: null,
      imported: null,
      retries: 0,
    };
  });
  put([...uploads, ...added]);
  begin();
}

/** Takes an upload from the list; one that is on its way ends. */
export function removeUpload(id: number): void {
  running.get(id)?.abort();
  put(uploads.filter((one) => one.id !== id));
}

// Whoever signs out leaves nothing on its way in the name of the next person.
queryClient.getQueryCache().subscribe(({ type, query }) => {
  if (type !== 'removed' || query.queryKey[0] !== 'session.get') return;
  put([]);
  for (const stop of running.values()) stop.abort();
});

export function retryUpload(id: number): void {
  const { retries = 0 } = uploads.find((one) => one.id === id) ?? {};
  change(id, { state: 'waiting', sent: 0, fault: null, retries: retries + 1 });
  begin();
}

function begin(): void {
  for (const upload of uploads) {
    if (running.size >= mostAtOnce) break;
    if (upload.state === 'waiting' && !running.has(upload.id)) void send(upload);
  }
  onbeforeunload = running.size === 0 ? null : (event) => event.preventDefault();
}

async function send({ id, dataset, file, isArchive, retries }: Upload): Promise<void> {
  const stop = new AbortController();
  running.set(id, stop);
  change(id, { state: 'sending' });
  try {
    const onSent = (sent: number, total: number) => change(id, { sent, total });
    const answer = await sendFile(isArchive ? 'datasets.import' : 'datasets.upload', dataset, file, {
      signal: stop.signal,
      retries,
      onSent,
    });
    await queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'files.list' });
    // A file that has arrived stands among the files of the dataset.
    if (isArchive) change(id, { state: 'done', imported: answer as Imported });
    else put(uploads.filter((one) => one.id !== id));
  } catch (error) {
    if (error instanceof ApiFault) change(id, { state: 'failed', fault: error });
  } finally {
    running.delete(id);
    begin();
  }
}
