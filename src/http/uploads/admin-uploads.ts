import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AdminRouteId } from '../../catalog/admin-routes.js';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import type { ArrivedContent } from '../../modules/files/intake/acceptance.js';
import { FileIntake } from '../../modules/files/intake/file-intake.js';
import { acceptedMediaType } from '../../modules/files/intake/file-types.js';
import { AdminGuard } from '../auth/admin-guard.js';
import { drainPolitely } from './polite-drain.js';
import { readMultipart } from './multipart-reader.js';
import { uploadBounds } from './upload-bounds.js';
import { announcedBytes } from './upload-reader.js';

/** Receives uploads of people of a tenant: a form with exactly one file, its content going to the store as it comes. */
@Injectable()
export class AdminUploads {
  constructor(
    private readonly intake: FileIntake,
    private readonly guard: AdminGuard,
    private readonly config: Config,
  ) {}

  /**
   * What can be refused without the body is refused before it is read: `before` throws, who hears how many bytes are announced.
   * Then the form is received, whoever sends it is judged once more, and `take` gets the content; when that throws, or the
   * client leaves, nothing of the upload stays.
   * @throws AppError 400, 401, 403, 408, 413, 415, and what the two functions throw.
   */
  async receive<P, T>(
    request: FastifyRequest,
    routeId: AdminRouteId,
    steps: {
      readonly before: (announcedBytes: number) => Promise<P>;
      readonly take: (content: ArrivedContent, prepared: P) => Promise<T>;
    },
  ): Promise<T> {
    const prepared = await steps.before(announcedBytes(request)).catch((error: unknown) => {
      drainPolitely(request.raw);
      throw error;
    });
    const content = await this.read(request);
    try {
      const refusal = await new Promise<AppError | undefined>((resolve) => this.guard.judge(routeId, request, resolve));
      if (refusal !== undefined) throw refusal;
      if (request.raw.socket.destroyed)
        throw new AppError('request_timeout', { message: 'The client left before its upload was accepted.' });
      return await steps.take(content, prepared);
    } catch (error) {
      await content.writer.abort();
      throw error;
    }
  }

  private async read(request: FastifyRequest): Promise<ArrivedContent> {
    let mediaType = '';
    const { file } = await readMultipart(request.raw, {
      ...uploadBounds(this.config),
      fileField: 'file',
      begin: () => this.intake.begin(),
      onFirstBytes: async (head, filename) => {
        mediaType = await acceptedMediaType(head, filename, this.config);
      },
    });
    return { ...file, mediaType };
  }
}
