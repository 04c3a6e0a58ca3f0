import { Readable } from 'node:stream';
import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TenantExportService } from '../../../modules/tenant-data/tenant-export.service.js';
import { Actors } from '../../auth/actor.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The door by which all of a tenant leaves. It is read as fast as the client takes it. */
@Controller()
export class TenantDataController {
  constructor(
    private readonly exports: TenantExportService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('tenants.export')
  async export(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    adminQueryOf(request, 'tenants.export');
    const actor = await this.actors.of(request, pathParameter(request, 'id'));
    const pieces = await this.exports.export(actor);
    await reply
      .type('application/x-tar')
      .header('content-disposition', 'attachment; filename="tenant.tar"')
      .send(Readable.from(pieces, { objectMode: false }));
  }
}
