import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { FileSweepService } from '../../../modules/files/ingestion/file-sweep.service.js';
import { FilesService } from '../../../modules/files/files.service.js';
import { ReaderHealth } from '../../../modules/system/reader-health.js';
import { Actors } from '../../auth/actor.js';
import { presentAdminFile } from '../../presenters/file.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** A tenant's files, and the work that waits for the workers. */
@Controller()
export class FilesAdminController {
  constructor(
    private readonly files: FilesService,
    private readonly sweeps: FileSweepService,
    private readonly reader: ReaderHealth,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('files.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'files.list');
    const { tenantId } = await this.actors.of(request);
    return presentPage(await this.files.list(tenantId, query), presentAdminFile);
  }

  /** The rows of the files are the truth, so they are counted and not the jobs. */
  @AdminRoute('jobs.list')
  async jobs(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'jobs.list');
    const [{ waiting, running, oldestWaitingMs }, reader] = await Promise.all([this.sweeps.queueState(), this.reader.state()]);
    return {
      object: 'list',
      data: [{ object: 'queue', id: 'files', waiting, running, oldest_waiting_ms: oldestWaitingMs }],
      document_reader: reader,
    };
  }
}
