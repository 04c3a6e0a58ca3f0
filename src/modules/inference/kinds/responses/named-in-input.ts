import { AppError } from '../../../../kernel/app-error.js';
import type { NamedFile } from '../../call/named-files.js';
import { listForeignIds, type ForeignIdKind } from '../../wire/foreign-ids.js';
import type { ResponsesRequest } from './responses-request.js';

/** Where an item of an input names a file. */
const filePlace = /^input\[\d+\]\.(?:content|output)\[\d+\]\.file_id$/;
/** Where what is given again names containers and files of its provider; ProviderNames judges what stands there. */
const providersPlace =
  /^input\[\d+\]\.(?:(?:environment\.)?container_id|results\[\d+\]\.file_id|(?:content|output)\[\d+\]\.annotations\[\d+\]\.(?:container|file)_id)$/;
/** What no request may name at any other place. */
const judged: ReadonlySet<ForeignIdKind> = new Set(['file', 'container', 'skill', 'vector_store']);
/** Tools that search files are left out, with the stores that they name. */
const storesOfTool = /\btools\[\d+\]\.vector_store_ids\[\d+\]$/;

/**
 * Objects that a request names are the platform's; of them, files may stand in the parts of items.
 * @returns the files that are named there.
 * @throws AppError not_found for all others.
 */
export function namedFiles({ body }: ResponsesRequest): NamedFile[] {
  const named = listForeignIds(body).filter(
    ({ kind, param }) => judged.has(kind) && !providersPlace.test(param) && !storesOfTool.test(param),
  );
  const foreign = named.find(({ kind, param }) => kind !== 'file' || !filePlace.test(param));
  if (foreign === undefined) return named;
  throw new AppError('not_found', {
    param: foreign.param,
    message: `No such ${foreign.kind.replace('_', ' ')}: '${foreign.id.slice(0, 128)}'.`,
  });
}
