import { createHash } from 'node:crypto';
import type multer from 'multer';
import { badRequest, missingParameter } from './errors.js';
import type { Exchange } from './exchange.js';
import type { JsonObject } from './request-fields.js';

/** What is known of a file once it has gone by. */
export interface SeenFile {
  readonly field: string;
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Its beginning, as far as the reader of the form wanted to keep it: usually nothing. */
  readonly beginning: Buffer;
}

/** A form whose fields are named and typed as in the JSON form of a request. */
export interface SeenForm {
  readonly body: JsonObject;
  readonly files: readonly SeenFile[];
}

/** Which fields of the form are no text. */
export interface FieldTypes {
  readonly numbers?: readonly string[];
  readonly booleans?: readonly string[];
}

type HandlerInput = Parameters<ReturnType<multer.Multer['any']>>;
const mostFields = 200;
const mostFiles = 20;

/**
 * Reads a multipart form while it comes: files are counted and hashed, however large they are, and never held.
 * @param keptBytes so much of the beginning of each file is held all the same.
 * @throws SandboxError 400 for a body that is no form or a broken one.
 */
export async function readForm(exchange: Exchange, types: FieldTypes, keptBytes = 0): Promise<SeenForm> {
  const { request } = exchange;
  if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
    request.resume();
    throw badRequest("Invalid content type. Expected a body of type 'multipart/form-data'.", null, null);
  }
  const { default: parserOf } = await import('multer');
  const files: SeenFile[] = [];
  const read = parserOf({
    storage: {
      _handleFile: (_request, file, done) => see(file, { files, keptBytes }, done),
      _removeFile: (_request, _file, done) => done(null),
    },
    defParamCharset: 'utf8',
    limits: { fields: mostFields, files: mostFiles },
  } as multer.Options).any();
  const input = request as unknown as HandlerInput[0];
  await new Promise<void>((resolve, reject) => {
    read(input, {} as HandlerInput[1], (error: unknown) => {
      if (error instanceof Error) reject(badRequest(`The form could not be read: ${error.message}.`, null, null));
      else resolve();
    });
  });
  return { body: typed(input.body as JsonObject, types), files };
}

/** The only file in this field. */
export function fileIn(form: SeenForm, field: string): SeenFile {
  const file = form.files.find((candidate) => candidate.field === field);
  if (file === undefined) throw missingParameter(field);
  return file;
}

function see(
  file: Express.Multer.File,
  { files, keptBytes }: { readonly files: SeenFile[]; readonly keptBytes: number },
  done: (error?: unknown, info?: object) => void,
): void {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  file.stream.on('data', (chunk: Buffer) => {
    if (bytes < keptBytes) kept.push(chunk.subarray(0, keptBytes - bytes));
    bytes += chunk.length;
    hash.update(chunk);
  });
  file.stream.once('error', done);
  file.stream.once('end', () => {
    const beginning = Buffer.concat(kept);
    files.push({ field: file.fieldname, name: file.originalname, bytes, sha256: hash.digest('hex'), beginning });
    done(null, {});
  });
}

function typed(fields: JsonObject, types: FieldTypes): JsonObject {
  const entries = Object.entries(fields).map(([name, value]) => [name, typedValue(name, value, types)] as const);
  return Object.fromEntries(entries);
}

/** What is no number or boolean stays a text: the reader of the field then refuses it in the words of the JSON form. */
function typedValue(name: string, value: unknown, types: FieldTypes): unknown {
  if (types.numbers?.includes(name) === true && typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
    return Number(value);
  if (types.booleans?.includes(name) === true && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
