import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { AppError, overloaded } from '../../../kernel/app-error.js';
import type { Fields } from '../../../kernel/fields.js';
import { ReadableFiles, type ReadableFile } from '../../files/reading/readable-files.service.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { noFiles, type NamedFile, type SentFiles } from '../call/named-files.js';
import { invalid } from '../call/request-body.js';
import { estimateTokens } from '../call/token-estimate.js';
import { encodedBytes, filePart, isSentAsBytes } from './file-part.js';

/** So many files may one request name. */
const mostFiles = 50;
/** What is put in stands in memory so many times at once: as a text, and as the bytes that are sent. */
const copies = 2;

/** The files of a call, as they are put in. */
export interface ReadFiles {
  readonly files: SentFiles;
  /** About how many tokens a model reads in them. */
  readonly tokens: number;
  /** How many bytes of a request's size are left beside them. */
  readonly bytesLeft: number;
}

/** Puts files into the calls that name them. Only those wait for the database. */
@Injectable()
export class CallFiles {
  private readonly maxBytes: number;

  constructor(
    private readonly readable: ReadableFiles,
    config: Config,
  ) {
    this.maxBytes = config.GT_MAX_JSON_BYTES;
  }

  /**
   * The files that the request itself names.
   * @param wire of the connection that the call goes to.
   * @throws AppError not_found for a file that is absent or whose content the key may not read; conflict while it is being
   * processed; invalid_value where it could not be; context_length_exceeded for more than a request may have; overloaded.
   */
  async named(named: readonly NamedFile[], wire: string, request: InferenceRequest): Promise<ReadFiles> {
    const bytesLeft = this.maxBytes - request.body.length;
    if (named.length === 0) return { files: noFiles, tokens: 0, bytesLeft };
    const judged = await this.judge(named, wire, request);
    const files = new Map<string, Fields>();
    for (const [file, param] of judged.files) {
      const part = await this.read(file, wire, request);
      if (part === undefined) throw absent(file.id, param);
      files.set(file.id, part);
    }
    return { files, tokens: tokensOf(files), bytesLeft: judged.bytesLeft };
  }

  /** Says of the files that a request names whether they can be put in, and reads none of them. @throws AppError as `named`. */
  async judge(
    named: readonly NamedFile[],
    wire: string,
    request: InferenceRequest,
  ): Promise<{ readonly files: ReadonlyMap<ReadableFile, string>; readonly bytesLeft: number }> {
    let bytesLeft = this.maxBytes - request.body.length;
    const files = new Map<ReadableFile, string>();
    if (named.length === 0) return { files, bytesLeft };
    const ids = new Set(named.map(({ id }) => id));
    if (ids.size > mostFiles) throw invalid(named[0]?.param ?? 'input', `a request names at most ${mostFiles} files`);
    const { key, tenant } = request.identity;
    const found = await this.readable.find(key, tenant, [...ids]);
    for (const { id, param } of named) {
      const file = judged(found.get(id), id, param, wire);
      if (files.has(file)) continue;
      const size = encodedBytes(file, wire);
      if (size > bytesLeft) throw tooLarge(file, param);
      bytesLeft -= size;
      files.set(file, param);
    }
    return { files, bytesLeft };
  }

  /**
   * The files that earlier turns name, of those with the newest first. One that is gone, may not be read any more or does not
   * fit is not among them.
   */
  async earlier(
    ids: readonly string[],
    { files: own, tokens, bytesLeft }: ReadFiles,
    tokensLeft: () => number,
    wire: string,
    request: InferenceRequest,
  ): Promise<SentFiles> {
    const further = [...new Set(ids)].filter((id) => !own.has(id)).slice(0, mostFiles);
    if (further.length === 0) return own;
    const { key, tenant } = request.identity;
    const found = await this.readable.find(key, tenant, further);
    const files = new Map(own);
    let [bytes, room] = [bytesLeft, tokensLeft() - tokens];
    for (const id of further) {
      const file = found.get(id);
      if (file === undefined || whyUnreadable(file, wire) !== undefined) continue;
      const size = encodedBytes(file, wire);
      const weight = isSentAsBytes(file, wire) ? 0 : Math.ceil(file.textBytes / 4);
      if (size > bytes || weight > room) continue;
      const part = await this.read(file, wire, request);
      if (part === undefined) continue;
      bytes -= size;
      room -= weight;
      files.set(id, part);
    }
    return files;
  }

  /** Undefined where the content is gone. The memory is counted as the request's before anything is read. */
  private async read(file: ReadableFile, wire: string, request: InferenceRequest): Promise<Fields | undefined> {
    const { identity, holdMore, guarded } = request;
    if (holdMore?.(encodedBytes(file, wire) * copies) === false) throw overloaded();
    if (!isSentAsBytes(file, wire)) {
      const part = filePart(file, await this.readable.text(identity.key.tenantId, file));
      return guarded === undefined ? part : { ...part, text: await guarded.text(String(part['text'])) };
    }
    const content = await this.readable.content(file);
    return content === undefined ? undefined : filePart(file, content);
  }
}

/** The file, when it can be read. */
function judged(file: ReadableFile | undefined, id: string, param: string, wire: string): ReadableFile {
  if (file === undefined) throw absent(id, param);
  const why = whyUnreadable(file, wire);
  if (why === 'processing') {
    const message = `The file '${id}' is still being processed. Wait until its status is ready (GET /files/${id}?wait=30), then try again.`;
    throw new AppError('conflict', { param, message, headers: { 'retry-after': '2' } });
  }
  if (why === 'failed')
    throw new AppError('invalid_value', {
      param,
      message: `The file '${id}' could not be processed: ${file.failure ?? 'it failed'}`,
    });
  return file;
}

function whyUnreadable(file: ReadableFile, wire: string): 'processing' | 'failed' | undefined {
  if (file.state === 'ready') return undefined;
  if (file.state !== 'failed') return 'processing';
  return isSentAsBytes(file, wire) ? undefined : 'failed';
}

function absent(id: string, param: string | null): AppError {
  return new AppError('not_found', { param, message: `No such file: '${id.slice(0, 128)}'.` });
}

function tooLarge({ id }: ReadableFile, param: string | null): AppError {
  const message = `The file '${id}' is too large for this request: with its files, a request has at most as many bytes as a request body.`;
  return new AppError('context_length_exceeded', { param, message });
}

function tokensOf(files: SentFiles): number {
  return [...files.values()].reduce((sum, part) => sum + estimateTokens(part), 0);
}
