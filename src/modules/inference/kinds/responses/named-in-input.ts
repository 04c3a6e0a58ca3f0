import { AppError } from '../../../../kernel/app-error.js';
import type { NamedFile } from '../../call/named-files.js';
import { listForeignIds } from '../../wire/foreign-ids.js';
import type { ResponsesRequest } from './responses-request.js';

/** Where an item of an input names a file. */
const filePlace = /^input\[\d+\]\.(?:content|output)\[\d+\]\.file_id$/;
/** Where a call names the container in which it was run; ProviderNames judges what stands there. */
const containerPlace = /^input\[\d+\]\.(?:environment\.)?container_id$/;

/**
 * Objects that a request names are the platform's; of them, files may stand in the parts of items.
 * @returns the files that are named there.
 * @throws AppError not_found for all others.
 */
export function namedFiles({ body }: ResponsesRequest): NamedFile[] {
  const named = listForeignIds(body).filter(
    ({ kind, param }) => kind === 'file' || (kind === 'container' && !containerPlace.test(param)),
  );
  const foreign = named.find(({ kind, param }) => kind !== 'file' || !filePlace.test(param));
  if (foreign === undefined) return named;
  throw new AppError('not_found', {
    param: foreign.param,
    message: `No such ${foreign.kind}: '${foreign.id.slice(0, 128)}'.`,
  });
}
