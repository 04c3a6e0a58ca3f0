import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import { isTerminal, type FileProgress, type FileRecord } from '../../../modules/files/record/file-record.js';
import { FileWatch } from '../../../modules/files/watch/file-watch.js';
import { FilesService } from '../../../modules/files/files.service.js';
import { OpenStreams } from '../../../modules/open-streams/open-streams.js';
import { identityOf } from '../../auth/identity.js';
import { presentFile } from '../../presenters/file.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { queryOf } from '../../routing/row-query.js';
import { EventStream } from '../../reply/event-stream.js';

/** A file's processing as server-sent events: `file.progress` with the file object at each change, then its end. */
@Controller()
export class FileEventsController {
  constructor(
    private readonly files: FilesService,
    private readonly watch: FileWatch,
    private readonly open: OpenStreams,
    private readonly config: Config,
  ) {}

  /** Ends with `file.ready`, `file.failed` or `file.deleted`. */
  @GtRoute('files.events')
  async follow(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    queryOf(request, 'files.events');
    const identity = identityOf(request);
    const file = await this.files.get(identity.key, pathParameter(request, 'file_id'));
    const stream = new EventStream(request, reply, this.config.GT_KEEP_ALIVE_MS);
    if (isTerminal(file.state) || request.method === 'HEAD') return stream.end(`file.${file.state}`, presentFile(file));
    const unwatch = this.watch.watch(file, (progress) => {
      if (progress === undefined) stream.end('file.deleted', { id: file.id, object: 'file', deleted: true });
      else if (isTerminal(progress.state)) void this.end(stream, file, progress);
      else stream.send('file.progress', presentFile({ ...file, ...progress }));
    });
    const forget = this.open.add({ identity, routeId: 'files.events', abort: (error) => stream.fail(error) });
    stream.onGone(() => {
      unwatch();
      forget();
    });
  }

  /** The last event shows the file as it is then, with its error if it failed. */
  private async end(stream: EventStream, file: FileRecord, progress: FileProgress): Promise<void> {
    const last = await this.files.find(file.tenantId, file.id).catch(() => null);
    stream.end(`file.${progress.state}`, presentFile(last ?? { ...file, ...progress }));
  }
}
