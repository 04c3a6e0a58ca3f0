import type { AdminFileObject, FileObject, FilePassageObject } from '../../contracts/files.js';
import { fileObjectOf } from '../../modules/files/record/file-object.js';
import type { FilePassage } from '../../modules/files/reading/file-texts.repository.js';
import type { FileRecord } from '../../modules/files/record/file-record.js';
import type { PassageSource } from '../../modules/retrieval/passage.js';
import { presentSource } from './key-dataset.presenter.js';

/** A file in the contract's form (section 7), which stands with the files because events tell of them in it too. */
export function presentFile(file: FileRecord): FileObject {
  return fileObjectOf(file);
}

/** A file as the admin plane shows it. */
export function presentAdminFile(file: FileRecord): AdminFileObject {
  return { ...presentFile(file), tenant: file.tenant.slug, key: file.keyId, media_type: file.mediaType };
}

/** A passage of a file, as it was cut. */
export function presentFilePassage({ ordinal, text, tokens, source }: FilePassage): FilePassageObject {
  return { object: 'file.passage', id: String(ordinal), text, tokens, source: presentSource(source as PassageSource) };
}
