import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { tenantQuery } from '../../../contracts/lists.js';
import { AppError } from '../../../kernel/app-error.js';
import type { Applicant } from '../../../modules/platform-file/applicant.js';
import { ExportService } from '../../../modules/platform-file/export.service.js';
import { PlatformFileService } from '../../../modules/platform-file/platform-file.service.js';
import { Actors } from '../../auth/actor.js';
import { parseApply } from '../../body/parse-apply.js';
import { parseQuery } from '../../body/parse-input.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';

/** The doors of configuration as code. Both answer the file's own form, so there is nothing to present. */
@Controller()
export class PlatformFileController {
  constructor(
    private readonly files: PlatformFileService,
    private readonly exports: ExportService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('platform-file.apply')
  async apply(@Req() request: FastifyRequest) {
    return this.files.apply(applicantOf(request), await parseApply(request));
  }

  /** Without `?tenant=`, an operator gets all tenants. */
  @AdminRoute('platform-file.export')
  async export(@Req() request: FastifyRequest) {
    const { tenant } = parseQuery(request, tenantQuery);
    const applicant = applicantOf(request);
    if (applicant.tenantId === null && tenant === undefined) return this.exports.exportAll(applicant);
    return this.exports.exportOne(await this.actors.of(request));
  }
}

function applicantOf({ gt: { admin, requestId } }: FastifyRequest): Applicant {
  if (admin === undefined) throw new AppError('internal_error', { cause: 'an admin handler ran without its guard' });
  return { role: admin.role, tenantId: admin.tenantId, name: `${admin.name} (${admin.tokenId})`, requestId };
}
