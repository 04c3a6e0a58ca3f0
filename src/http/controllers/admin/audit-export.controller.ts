import type { AdminRouteId } from '../../../catalog/admin-routes.js';
import type { AppError } from '../../../kernel/app-error.js';
import { Readable } from 'node:stream';
import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditExportFormat } from '../../../contracts/audit.js';
import { AuditExportService, type AuditPages } from '../../../modules/audit/audit-export.service.js';
import { chainName, type Chain } from '../../../modules/audit-chain/chain.js';
import { AdminGuard } from '../../auth/admin-guard.js';
import { Actors } from '../../auth/actor.js';
import { operatorOf } from '../../auth/operator-actor.js';
import { auditExportText } from '../../presenters/audit-export.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors by which the audit leaves as a whole. Rows are read as fast as the client takes them. */
@Controller()
export class AuditExportController {
  constructor(
    private readonly exports: AuditExportService,
    private readonly actors: Actors,
    private readonly guard: AdminGuard,
  ) {}

  @AdminRoute('audit.export')
  async export(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { tenant: _tenant, format: asked, ...filter } = adminQueryOf(request, 'audit.export');
    const actor = await this.actors.of(request);
    const format = asked ?? accepted(request);
    const pages = await this.exports.ofTenant(actor, filter, format);
    await send(reply, format, actor, this.whileAllowed('audit.export', request, pages));
  }

  @AdminRoute('operator-audit.export')
  async exportOperators(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { format: asked, ...filter } = adminQueryOf(request, 'operator-audit.export');
    const format = asked ?? accepted(request);
    const pages = await this.exports.ofOperators(operatorOf(request), filter, format);
    await send(reply, format, { tenantId: null }, this.whileAllowed('operator-audit.export', request, pages));
  }

  /** The client sets the pace, and its right may end on the way: then the answer breaks off. */
  private async *whileAllowed(routeId: AdminRouteId, request: FastifyRequest, pages: AuditPages): AuditPages {
    for await (const page of pages) {
      const refusal = await new Promise<AppError | undefined>((resolve) => this.guard.judge(routeId, request, resolve));
      if (refusal !== undefined) throw refusal;
      yield page;
    }
  }
}

function accepted({ headers }: FastifyRequest): AuditExportFormat {
  return headers.accept?.includes('text/csv') === true ? 'csv' : 'json';
}

async function send(reply: FastifyReply, format: AuditExportFormat, chain: Chain, pages: AuditPages): Promise<void> {
  const text = auditExportText(format, chainName(chain), pages);
  await reply
    .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
    .header('content-disposition', `attachment; filename="audit.${format}"`)
    .send(Readable.from(text, { objectMode: false }));
}
