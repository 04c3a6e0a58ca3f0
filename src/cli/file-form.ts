import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { usageError } from './cli-error.js';

/** A form with one file, read from the disk as it is sent. @throws CliError when there is no such file. */
export async function fileForm(path: string): Promise<FormData> {
  const form = new FormData();
  form.append('file', await contentOf(path), basename(path));
  return form;
}

async function contentOf(path: string): Promise<Blob> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown error');
  if (found === 'ENOENT') throw usageError(`There is no file ${path}.`);
  if (typeof found === 'string') throw usageError(`${path} cannot be read (${found}).`);
  if (!found.isFile()) throw usageError(`${path} is no file.`);
  return openAsBlob(path);
}
