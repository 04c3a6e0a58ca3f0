import { isFields, type Fields } from '../../../kernel/fields.js';

/** A file that a request names, and where. */
export interface NamedFile {
  readonly id: string;
  readonly param: string;
}

/** For each file that a call names, by its id: the part that stands in its place, in the form of items. */
export type SentFiles = ReadonlyMap<string, Fields>;

/** No file is named. */
export const noFiles: SentFiles = new Map();

/** What stands in the place of a file that is gone since it was named. */
const gone: Fields = { type: 'input_text', text: '[A file that is no longer available.]' };

/** Members of an item whose parts may name files. */
const holding = ['content', 'output'] as const;

/** The files that the parts of an item name. */
export function filesOfItem(item: Fields): string[] {
  return holding.flatMap((member) => partsOf(item[member]).flatMap((part) => fileOfPart(part) ?? []));
}

/** The item as a provider gets it: each file that it names is put in, and one that is not there is told to be gone. */
export function withFiles<T extends Fields>(item: T, files: SentFiles): T {
  if (!holding.some((member) => namesFile(item[member]))) return item;
  const changed = holding.flatMap((member): [string, unknown[]][] => {
    const parts = item[member];
    if (!namesFile(parts)) return [];
    return [[member, (parts as unknown[]).map((part) => (isFields(part) ? withFile(part, files) : part))]];
  });
  return { ...item, ...Object.fromEntries(changed) };
}

/** Asked of each item of a long talk: it makes nothing. */
function namesFile(parts: unknown): boolean {
  return Array.isArray(parts) && (parts as unknown[]).some((part) => isFields(part) && fileOfPart(part) !== undefined);
}

function withFile(part: Fields, files: SentFiles): Fields {
  const id = fileOfPart(part);
  if (id === undefined) return part;
  const { detail } = part;
  const sent = files.get(id) ?? gone;
  return sent['type'] === 'input_image' && typeof detail === 'string' ? { ...sent, detail } : sent;
}

function fileOfPart({ file_id: id }: Fields): string | undefined {
  return typeof id === 'string' ? id.trim() : undefined;
}

function partsOf(parts: unknown): Fields[] {
  return Array.isArray(parts) ? (parts as unknown[]).filter(isFields) : [];
}
