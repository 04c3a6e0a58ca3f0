import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Config } from '../../config/config.module.js';
import { mostPartBytes } from '../../contracts/uploads.js';
import { AppError } from '../../kernel/app-error.js';
import type { ArrivedContent } from '../../modules/files/intake/acceptance.js';
import { FileIntake } from '../../modules/files/intake/file-intake.js';
import { acceptedMediaType } from '../../modules/files/intake/file-types.js';
import type { Uploader } from '../../modules/files/intake/upload-limits.js';
import { OpenStreams, type AllowedCall } from '../../modules/open-streams/open-streams.js';
import { allowedCall } from '../auth/allowed-call.js';
import { identityOf } from '../auth/identity.js';
import { inputError } from '../body/parse-input.js';
import { claimUpload } from '../idempotency/claim-upload.js';
import type { MultipartLimits } from './multipart-headers.js';
import { drainPolitely } from './polite-drain.js';
import { readMultipart } from './multipart-reader.js';
import { uploadBounds } from './upload-bounds.js';

/** What a form may have beside its file; an upload is never refused for it. */
const formBytes = 32 * 1024;

type FormKind = 'file' | 'part';
type FormReading = MultipartLimits & { readonly fileField: string; readonly mediaTypeOf: MediaTypeOf };
type MediaTypeOf = (head: Uint8Array, filename: string) => Promise<string>;

/** An upload that has arrived whole: its fields, parsed, and its content, which waits for a place. */
export interface Upload<F> {
  readonly fields: F;
  readonly content: ArrivedContent;
}

/** Receives uploads: multipart forms with exactly one file, the content going to the store as it comes. */
@Injectable()
export class UploadReader {
  private readonly forms: Readonly<Record<FormKind, MultipartLimits & { readonly fileField: string }>>;

  constructor(
    private readonly intake: FileIntake,
    private readonly openStreams: OpenStreams,
    private readonly config: Config,
  ) {
    const bounds = uploadBounds(config);
    const partBytes = Math.min(bounds.maxFileBytes, mostPartBytes);
    this.forms = { file: { ...bounds, fileField: 'file' }, part: { ...bounds, maxFileBytes: partBytes, fileField: 'data' } };
  }

  /**
   * What can be refused without the body is refused before it is read: `before` throws. Then the form is received, and
   * `take` gets it; when that throws, or the client leaves, nothing of the upload stays. As long as it comes, its key must go
   * on being allowed to send it.
   * @throws AppError 400, 401, 408, 413, 415, 429, what `claimUpload` throws, and what the two functions throw.
   */
  async receive<S extends z.ZodType, T, P>(
    request: FastifyRequest,
    {
      fields,
      before,
      take,
      form = 'file',
      mediaTypeOf = (head, filename) => acceptedMediaType(head, filename, this.config),
    }: {
      fields: S;
      before: () => Promise<P>;
      take: (upload: Upload<z.output<S>>, prepared: P) => Promise<T>;
      /** A whole file in the field `file`, or a part of one in `data`. Default: a file. */
      form?: FormKind;
      /** Says what a file is by its first bytes and its name, or refuses it. Default: what can be read is taken. */
      mediaTypeOf?: MediaTypeOf;
    },
  ): Promise<T> {
    let prepared = await this.prepare(request, form, before);
    const call = allowedCall(request);
    const upload = await this.readAllowed(call, request, fields, { ...this.forms[form], mediaTypeOf });
    try {
      if (this.openStreams.changedSince(call)) {
        request.gt.identity = await this.openStreams.currentIdentity(call);
        prepared = await before();
      }
      // A client that gave up sends the same again, or not: in both cases this upload is not wanted.
      if (request.raw.socket.destroyed)
        throw new AppError('request_timeout', { message: 'The client left before its upload was accepted.' });
      await claimUpload(request, {
        fields: { ...(upload.fields as object) },
        files: [{ field: this.forms[form].fileField, ...upload.content }],
      });
      return await take(upload, prepared);
    } catch (error) {
      await upload.content.writer.abort();
      throw error;
    }
  }

  private async prepare<P>(request: FastifyRequest, form: FormKind, before: () => Promise<P>): Promise<P> {
    try {
      if (identityOf(request).hasUploadLimits)
        await this.intake.refuseWithoutRoom(uploaderOf(request), announcedBytes(request), form === 'part');
      return await before();
    } catch (error) {
      drainPolitely(request.raw);
      throw error;
    }
  }

  private async readAllowed<S extends z.ZodType>(
    call: AllowedCall,
    request: FastifyRequest,
    schema: S,
    form: FormReading,
  ): Promise<Upload<z.output<S>>> {
    const cut = new AbortController();
    const leave = this.openStreams.watch({ ...call, abort: (error) => cut.abort(error) });
    try {
      return await this.read(request, schema, form, cut.signal);
    } finally {
      leave();
    }
  }

  private async read<S extends z.ZodType>(
    request: FastifyRequest,
    schema: S,
    { mediaTypeOf, ...form }: FormReading,
    signal: AbortSignal,
  ): Promise<Upload<z.output<S>>> {
    let mediaType = '';
    const { fields, file } = await readMultipart(request.raw, {
      ...form,
      signal,
      begin: () => this.intake.begin(),
      onFirstBytes: async (head, filename) => {
        mediaType = await mediaTypeOf(head, filename);
      },
    });
    const parsed = schema.safeParse({ ...fields }, { reportInput: true });
    if (parsed.success) return { fields: parsed.data, content: { ...file, mediaType } };
    await file.writer.abort();
    const [issue] = parsed.error.issues;
    throw issue === undefined ? new AppError('invalid_request') : inputError(issue);
  }
}

/** Whose limits an upload counts against. */
export function uploaderOf(request: FastifyRequest): Uploader {
  const { key, linkedKeyIds, hasUploadLimits } = identityOf(request);
  return { tenantId: key.tenantId, keyId: key.id, linkedKeyIds, isLimited: hasUploadLimits };
}

/** An SDK says how often it has sent the same before. */
export function isRetry(request: FastifyRequest): boolean {
  return Number(request.headers['x-stainless-retry-count'] ?? 0) > 0;
}

/** How large the file of a form is at least, by what the request says of its length. */
export function announcedBytes(request: FastifyRequest): number {
  return Math.max(0, Number(request.headers['content-length'] ?? 0) - formBytes);
}
