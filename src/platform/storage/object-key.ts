const idForm = /^[a-z]{2,16}[-_][A-Za-z0-9]{1,64}$/;

export interface ObjectKey {
  readonly tenantId: string;
  readonly id: string;
}

const installationForm = /^ins_[0-9A-Za-z]{16}$/;
const placedForm = /^(ins_[0-9A-Za-z]{16})([0-9A-Za-z]{1,40})\/obj_([0-9A-Za-z]{1,64})$/;
const [tenantPrefix, filePrefix] = ['ten_', 'file-'];

/** The file whose content an object is, and the installation that wrote it. */
export interface PlacedFile {
  readonly installation: string;
  readonly tenantId: string;
  readonly fileId: string;
}

/**
 * The key of a file's content: `<installation id><tenant>/obj_<file>`. It has the form of a former key, `<tenant id>/<file
 * id>`, so that a process of the release before reads and deletes it, and no file's prefix, so that such a process never
 * takes it for an orphan.
 * @throws RangeError when one of the three is not an id of ours.
 */
export function objectKey(installation: string, tenantId: string, fileId: string): string {
  const key = `${objectPrefix(installation, tenantId)}obj_${fileId.slice(filePrefix.length)}`;
  if (!tenantId.startsWith(tenantPrefix) || !fileId.startsWith(filePrefix) || parsePlaced(key) === undefined)
    throw new RangeError('An object belongs to a file of a tenant.');
  return key;
}

/** What the keys of the contents of a tenant's files begin with. */
export function objectPrefix(installation: string, tenantId: string): string {
  return `${checkInstallation(installation)}${tenantId.slice(tenantPrefix.length)}/`;
}

/** What a key of `objectKey` says; undefined for former keys and those of others. */
export function parsePlaced(key: string): PlacedFile | undefined {
  const [, installation, tenant, file] = placedForm.exec(key) ?? [];
  if (installation === undefined || tenant === undefined || file === undefined) return undefined;
  return { installation, tenantId: tenantPrefix + tenant, fileId: filePrefix + file };
}

/** @throws RangeError when it is not the id of an installation. */
export function checkInstallation(id: string): string {
  if (!installationForm.test(id)) throw new RangeError('An installation is named by ins_ and 16 letters or digits.');
  return id;
}

/**
 * The two ids of a key. Ids have a prefix, a sign and letters or digits, so that no key can name another folder, a
 * hidden file or one of the store's own folders.
 * @throws RangeError for everything else.
 */
export function readKey(key: string): ObjectKey {
  const parsed = parseKey(key);
  if (parsed === undefined) throw new RangeError('An object key must be two ids.');
  return parsed;
}

/** Like `readKey`, for names that may be someone else's: undefined when it is no key. */
export function parseKey(key: string): ObjectKey | undefined {
  const [tenantId = '', id = '', ...rest] = key.split('/');
  return rest.length === 0 && idForm.test(tenantId) && idForm.test(id) ? { tenantId, id } : undefined;
}

/**
 * What keys of a list begin with: nothing, `<tenant id>/`, or the id of an installation for all that is under it.
 * @throws RangeError for everything else.
 */
export function readListPrefix(prefix: string): string {
  if (prefix.endsWith('/')) return `${readPrefix(prefix)}/`;
  return prefix === '' ? prefix : checkInstallation(prefix);
}

/** The tenant that a prefix names, `<tenant id>/`. @throws RangeError for everything else. */
export function readPrefix(prefix: string): string {
  const tenantId = prefix.slice(0, -1);
  if (!prefix.endsWith('/') || !idForm.test(tenantId)) throw new RangeError('An object prefix must be <tenant id>/.');
  return tenantId;
}
