import { basename } from 'node:path';
import { importObject, type ImportObject } from '../contracts/datasets.js';
import { print, remark, type CliContext } from './cli-context.js';
import { fileForm } from './file-form.js';
import { startProgress } from './progress.js';
import { tenantQueryOf } from './resource-commands.js';
import { table } from './table.js';

/**
 * Sends an archive to a dataset, read from the disk as it goes, and shows what was refused of it. The command's exit code
 * is 1 when anything was.
 * @throws CliError when there is no such file, or the platform refuses the archive as a whole.
 */
export async function importArchive(context: CliContext, datasetId: string, path: string): Promise<void> {
  const form = await fileForm(path);
  const progress = await startProgress(context, `importing ${basename(path)}`);
  try {
    const query = tenantQueryOf(context, 'datasets.import');
    const result = importObject.parse(await context.http.call('datasets.import', { id: datasetId, query, form }));
    progress.stop('done');
    show(context, result);
  } catch (error) {
    progress.stop('stopped');
    throw error;
  }
}

function show(context: CliContext, result: ImportObject): void {
  const refused = result.results.flatMap(({ name, error }) => (error === null ? [] : [{ name, ...error }]));
  print(context, result, () =>
    [
      refused.length === 0 ? '' : `Refused:\n${table(['name', 'code', 'message'], refused)}\n`,
      `Imported ${result.accepted}, refused ${result.refused}.\n`,
    ].join(''),
  );
  if (result.accepted > 0) remark(context, `How far they have come: gt file list --dataset ${result.id}`);
  if (result.refused > 0) context.exitCode = 1;
}
