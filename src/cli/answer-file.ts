import { open, rm, type FileHandle } from 'node:fs/promises';
import type { AdminRouteId } from '../catalog/admin-routes.js';
import type { CliContext } from './cli-context.js';
import { CliError } from './cli-error.js';

interface Asked {
  readonly id?: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
}

/** Writes the answer of a route to a file as it comes. A file that did not come to its end is removed. */
export async function toFile(context: CliContext, route: AdminRouteId, asked: Asked, path: string): Promise<void> {
  let file: FileHandle | undefined;
  // Opened with the first piece: a refusal leaves a file of this name alone.
  const onContent = async (piece: Uint8Array): Promise<void> => {
    file ??= await opened(path);
    await file.writeFile(piece);
  };
  try {
    await context.http.call(route, { ...asked, onContent });
    await file?.close();
  } catch (error) {
    await file?.close().catch(() => undefined);
    if (file !== undefined) await rm(path, { force: true });
    throw error;
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w', 0o600);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new CliError(2, [`${path} cannot be written (${code}).`], { cause });
  }
}
