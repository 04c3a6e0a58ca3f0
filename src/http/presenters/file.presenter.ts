import type { AdminFileObject, FileObject } from '../../contracts/files.js';
import { fileObjectOf } from '../../modules/files/record/file-object.js';
import type { FileRecord } from '../../modules/files/record/file-record.js';

/** A file in the contract's form (section 7), which stands with the files because events tell of them in it too. */
export function presentFile(file: FileRecord): FileObject {
  return fileObjectOf(file);
}

/** A file as the admin plane shows it. */
export function presentAdminFile(file: FileRecord): AdminFileObject {
  return { ...presentFile(file), tenant: file.tenant.slug, key: file.keyId, media_type: file.mediaType };
}
