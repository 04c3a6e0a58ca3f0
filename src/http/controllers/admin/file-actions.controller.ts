import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { AppError } from '../../../kernel/app-error.js';
import { DatasetFilesService } from '../../../modules/files/dataset-files.service.js';
import { FilesService } from '../../../modules/files/files.service.js';
import { isTerminal, type FileRecord } from '../../../modules/files/record/file-record.js';
import { statusOf } from '../../../modules/files/record/file-status.js';
import { FileWaits } from '../../../modules/files/watch/file-waits.js';
import { Actors } from '../../auth/actor.js';
import { AdminGuard } from '../../auth/admin-guard.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentAdminFile, presentFilePassage } from '../../presenters/file.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** How often a wait asks whether it may go on, in milliseconds. */
const spanMs = 1_000;

/** A file by its id on the admin plane: looked at, waited for, read, processed again, deleted. */
@Controller()
export class FileActionsController {
  constructor(
    private readonly files: FilesService,
    private readonly ofDatasets: DatasetFilesService,
    private readonly waits: FileWaits,
    private readonly guard: AdminGuard,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('files.get')
  async get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { wait } = adminQueryOf(request, 'files.get');
    const { tenantId } = await this.actors.of(request);
    const file = await this.find(tenantId, pathParameter(request, 'id'));
    if (wait === 0 || isTerminal(file.state)) return presentAdminFile(file);
    return presentAdminFile(await this.changed(request, reply, file, wait * 1000));
  }

  @AdminRoute('files.passages')
  async passages(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'files.passages');
    const actor = await this.actors.of(request);
    const page = await this.ofDatasets.passages(actor, pathParameter(request, 'id'), query);
    return presentPage(page, presentFilePassage);
  }

  @AdminRoute('files.reprocess')
  async reprocess(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'files.reprocess');
    return presentAdminFile(await this.ofDatasets.reprocess(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('files.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'files.delete');
    const id = pathParameter(request, 'id');
    await this.ofDatasets.delete(await this.actors.of(request), id);
    return presentDeleted('file', id);
  }

  private async find(tenantId: string, id: string): Promise<FileRecord> {
    const file = await this.files.find(tenantId, id);
    if (file === null) throw new AppError('not_found');
    return file;
  }

  /** The file when its status is another one or the time is up. Ends within a second when whoever asks may not any longer, and when the process leaves. */
  private async changed(request: FastifyRequest, reply: FastifyReply, file: FileRecord, ms: number): Promise<FileRecord> {
    const left = new AbortController();
    const onClose = (): void => left.abort();
    reply.raw.once('close', onClose);
    try {
      const until = Date.now() + ms;
      for (;;) {
        await this.waits.otherStatus(file, Math.min(spanMs, until - Date.now()), left.signal);
        const refusal = await new Promise<AppError | undefined>((resolve) => this.guard.judge('files.get', request, resolve));
        if (refusal !== undefined) throw refusal;
        const now = await this.find(file.tenantId, file.id);
        const isOver = Date.now() >= until || left.signal.aborted || request.gt.frame.isLeaving;
        if (isOver || statusOf(now) !== statusOf(file)) return now;
      }
    } finally {
      reply.raw.off('close', onClose);
    }
  }
}
