import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import type { ApplyRequest } from '../../../contracts/platform-file.js';
import type { Applicant } from '../../../modules/configuration/applicant.js';
import { ExportService } from '../../../modules/configuration/export.service.js';
import { ApplyService } from '../../../modules/configuration/apply.service.js';
import { Log } from '../../../observability/log.js';
import { Actors } from '../../auth/actor.js';
import { adminOf, authorOf } from '../../auth/author.js';
import { parseApply } from '../../body/parse-apply.js';
import { toAppError } from '../../reply/error-reply.js';
import { EventStream } from '../../reply/event-stream.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of configuration as code. Both answer the file's own forms, so there is nothing to present. */
@Controller()
export class PlatformFileController {
  constructor(
    private readonly applies: ApplyService,
    private readonly exports: ExportService,
    private readonly actors: Actors,
    private readonly config: Config,
    private readonly log: Log,
  ) {}

  /** Answers with the result, or in events for who accepts them: how far it has come, then the result. */
  @AdminRoute('platform-file.apply')
  async apply(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const applicant = applicantOf(request);
    const file = await parseApply(request);
    if (request.headers.accept?.includes('text/event-stream') === true)
      return this.applyInEvents(request, reply, applicant, file);
    void reply.send(await this.applies.apply(applicant, file));
  }

  /** What fails before there is anything to tell has a status of its own, as without events. */
  private async applyInEvents(
    request: FastifyRequest,
    reply: FastifyReply,
    applicant: Applicant,
    file: ApplyRequest,
  ): Promise<void> {
    let stream: EventStream | undefined;
    const opened = (): EventStream => (stream ??= new EventStream(request, reply, this.config.GT_KEEP_ALIVE_MS));
    const waiting = setTimeout(opened, this.config.GT_KEEP_ALIVE_MS);
    try {
      const result = await this.applies.apply(applicant, file, (progress) => opened().send('apply.progress', progress));
      opened().end('apply.done', result);
    } catch (thrown) {
      if (stream === undefined) throw thrown;
      const error = toAppError(thrown);
      request.gt.errorCode = error.code;
      if (error.status >= 500) this.log.failure(error, { request_id: request.gt.requestId });
      stream.fail(error);
    } finally {
      clearTimeout(waiting);
    }
  }

  /** Without `?tenant=`, an operator gets all tenants. */
  @AdminRoute('platform-file.export')
  async export(@Req() request: FastifyRequest) {
    const { tenant } = adminQueryOf(request, 'platform-file.export');
    const applicant = applicantOf(request);
    if (applicant.tenantId === null && tenant === undefined) return this.exports.exportAll(applicant);
    return this.exports.exportOne(await this.actors.of(request));
  }
}

function applicantOf(request: FastifyRequest): Applicant {
  const { role, tenantId } = adminOf(request);
  return { ...authorOf(request), role, tenantId };
}
