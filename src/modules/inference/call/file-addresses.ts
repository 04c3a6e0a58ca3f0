import { isFields, type Fields } from '../../../kernel/fields.js';

/** Members of an item whose parts may name files. */
const holding = ['content', 'output'] as const;

/** True for a part in the form of items that names a file by its address alone. */
export function isFileAddress({ type, file_url: url, file_data: data }: Fields): boolean {
  return type === 'input_file' && typeof url === 'string' && typeof data !== 'string';
}

/** True where a part of the item names a file by its address. */
export function namesFileAddress(item: Fields): boolean {
  return holding.some((member) => {
    const parts = item[member];
    return Array.isArray(parts) && (parts as unknown[]).some((part) => isFields(part) && isFileAddress(part));
  });
}

/** The item without such addresses, for a provider that takes none where nobody fetches them: their parts say nothing then. */
export function withoutFileAddresses<T extends Fields>(item: T): T {
  if (!namesFileAddress(item)) return item;
  const changed = holding.flatMap((member): [string, unknown][] => {
    const parts = item[member];
    if (!Array.isArray(parts)) return [];
    return [[member, (parts as unknown[]).map((part) => (isFields(part) && isFileAddress(part) ? withoutAddress(part) : part))]];
  });
  return { ...item, ...Object.fromEntries(changed) };
}

function withoutAddress({ file_url: _address, ...part }: Fields): Fields {
  return part;
}
