const idForm = /^[a-z]{2,16}[-_][A-Za-z0-9]{1,64}$/;

export interface ObjectKey {
  readonly tenantId: string;
  readonly id: string;
}

/** The key of a tenant's object. @throws RangeError when one of the two is not an id of ours. */
export function objectKey(tenantId: string, id: string): string {
  const key = `${tenantId}/${id}`;
  readKey(key);
  return key;
}

/**
 * The two ids of a key. Ids have a prefix, a sign and letters or digits, so that no key can name another folder, a
 * hidden file or one of the store's own folders.
 * @throws RangeError for everything else.
 */
export function readKey(key: string): ObjectKey {
  const parsed = parseKey(key);
  if (parsed === undefined) throw new RangeError('An object key must be <tenant id>/<file id>.');
  return parsed;
}

/** Like `readKey`, for names that may be someone else's: undefined when it is no key. */
export function parseKey(key: string): ObjectKey | undefined {
  const [tenantId = '', id = '', ...rest] = key.split('/');
  return rest.length === 0 && idForm.test(tenantId) && idForm.test(id) ? { tenantId, id } : undefined;
}

/** The tenant that a prefix names, `<tenant id>/`. @throws RangeError for everything else. */
export function readPrefix(prefix: string): string {
  const tenantId = prefix.slice(0, -1);
  if (!prefix.endsWith('/') || !idForm.test(tenantId)) throw new RangeError('An object prefix must be <tenant id>/.');
  return tenantId;
}
