import { answerJson, send } from '../answers.js';
import { Commands } from '../commands.js';
import { badRequest, missingParameter, SandboxError } from '../errors.js';
import type { Exchange } from '../exchange.js';
import { fileIn, readForm } from '../form-reader.js';
import { pageOf, queryOf } from '../paging.js';
import type { JsonObject } from '../request-fields.js';
import { keptBytes, type StoredFile } from './file-store.js';

const purposes: ReadonlySet<unknown> = new Set(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']);

/** POST /v1/files: any file of any of OpenAI's purposes; it is processed at once. */
export async function createFile(exchange: Exchange): Promise<void> {
  const form = await readForm(exchange, {}, keptBytes);
  const { purpose } = form.body;
  if (purpose === undefined) throw missingParameter('purpose');
  if (typeof purpose !== 'string' || !purposes.has(purpose)) throw badRequest("Invalid value for 'purpose'.", 'purpose');
  const { name: filename, bytes, beginning } = fileIn(form, 'file');
  const id = exchange.state.newId('file-');
  const file = { id, filename, purpose, createdAt: Math.floor(Date.now() / 1000), bytes, beginning };
  exchange.state.files.keep(file);
  await answerJson(exchange, Commands.none, objectOf(file));
}

/** GET /v1/files: the newest first, of one purpose where it is named. */
export async function listFiles(exchange: Exchange): Promise<void> {
  const query = queryOf(exchange);
  const purpose = query.get('purpose');
  const files = exchange.state.files.all().filter((file) => purpose === null || file.purpose === purpose);
  await answerJson(exchange, Commands.none, pageOf(files.map(objectOf), query));
}

/** GET /v1/files/{id} and GET /v1/files/{id}/content. */
export async function getFile(exchange: Exchange): Promise<void> {
  const [id = '', part] = exchange.path.slice('/v1/files/'.length).split('/');
  const file = fileOf(exchange, id);
  if (part === undefined) return answerJson(exchange, Commands.none, objectOf(file));
  if (part !== 'content') throw noFile(id);
  if (file.bytes > file.beginning.length) throw badRequest('The sandbox has not kept all of this file.', 'file_id');
  send(exchange, 200, 'application/octet-stream', file.beginning);
}

/** DELETE /v1/files/{id}. */
export async function deleteFile(exchange: Exchange): Promise<void> {
  const id = exchange.path.slice('/v1/files/'.length);
  fileOf(exchange, id);
  exchange.state.files.remove(id);
  await answerJson(exchange, Commands.none, { id, object: 'file', deleted: true });
}

function fileOf({ state }: Exchange, id: string): StoredFile {
  const file = state.files.get(id);
  if (file === undefined) throw noFile(id);
  return file;
}

function noFile(id: string): SandboxError {
  return new SandboxError(404, {
    message: `No such File object: ${id}`,
    type: 'invalid_request_error',
    param: 'id',
    code: null,
  });
}

function objectOf({ id, filename, purpose, createdAt, bytes }: StoredFile): JsonObject & { readonly id: string } {
  return { id, object: 'file', bytes, created_at: createdAt, filename, purpose, status: 'processed', status_details: null };
}
