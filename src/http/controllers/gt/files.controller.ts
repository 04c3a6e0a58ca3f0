import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../kernel/app-error.js';
import { idPrefixes } from '../../../kernel/ids.js';
import { isTerminal, type FileRecord } from '../../../modules/files/record/file-record.js';
import { FileWaits } from '../../../modules/files/watch/file-waits.js';
import { UploadsService } from '../../../modules/files/uploads/uploads.service.js';
import { FilesService } from '../../../modules/files/files.service.js';
import { OpenStreams } from '../../../modules/open-streams/open-streams.js';
import { identityOf } from '../../auth/identity.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { presentFile } from '../../presenters/file.presenter.js';
import { presentUpload } from '../../presenters/upload.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { queryOf } from '../../routing/row-query.js';

type FileRouteId = 'files.get' | 'uploads.get';

/** A file by its id, whatever it belongs to: looked at, waited for, processed again. */
@Controller()
export class FilesController {
  constructor(
    private readonly files: FilesService,
    private readonly uploads: UploadsService,
    private readonly waits: FileWaits,
    private readonly open: OpenStreams,
  ) {}

  @GtRoute('files.get')
  async get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return presentFile(await this.find('files.get', request, reply, pathParameter(request, 'file_id')));
  }

  /** An upload, or a file by its id under another name. */
  @GtRoute('uploads.get')
  async getUpload(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const id = pathParameter(request, 'upload_id');
    if (id.startsWith(idPrefixes.upload)) {
      queryOf(request, 'uploads.get');
      return presentUpload(await this.uploads.get(identityOf(request).key, id));
    }
    return presentFile(await this.find('uploads.get', request, reply, id));
  }

  @GtRoute('files.reprocess')
  async reprocess(@Req() request: FastifyRequest) {
    queryOf(request, 'files.reprocess');
    const id = pathParameter(request, 'file_id');
    return presentFile(await this.files.reprocess(identityOf(request).key, id, recordedAs(request, presentFile)));
  }

  private async find(routeId: FileRouteId, request: FastifyRequest, reply: FastifyReply, id: string): Promise<FileRecord> {
    const { wait } = queryOf(request, routeId);
    const { key } = identityOf(request);
    const file = await this.files.get(key, id);
    if (wait === 0 || isTerminal(file.state)) return file;
    await this.waitForStatus(routeId, request, reply, file, wait * 1000);
    return this.files.get(key, id);
  }

  /** @throws AppError invalid_api_key when the key is refused meanwhile. */
  private async waitForStatus(
    routeId: FileRouteId,
    request: FastifyRequest,
    reply: FastifyReply,
    file: FileRecord,
    ms: number,
  ): Promise<void> {
    const ended = new AbortController();
    let refused: AppError | undefined;
    const forget = this.open.add({
      identity: identityOf(request),
      routeId,
      abort: (error) => {
        refused = error;
        ended.abort();
      },
    });
    const onClose = (): void => ended.abort();
    reply.raw.once('close', onClose);
    await this.waits.otherStatus(file, ms, ended.signal);
    reply.raw.off('close', onClose);
    forget();
    if (refused !== undefined) throw refused;
  }
}
