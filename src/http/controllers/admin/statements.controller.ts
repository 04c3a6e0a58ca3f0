import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { statementCsv } from '../../../contracts/statement-csv.js';
import { TenantsService } from '../../../modules/tenants/tenants.service.js';
import { StatementsService } from '../../../modules/usage/statements.service.js';
import { Actors } from '../../auth/actor.js';
import { presentStatement } from '../../presenters/statement.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The door of statements: a tenant's month, as an object or as a file for a spreadsheet. */
@Controller()
export class StatementsController {
  constructor(
    private readonly statements: StatementsService,
    private readonly tenants: TenantsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('statements.get')
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { month, format } = adminQueryOf(request, 'statements.get');
    const actor = await this.actors.of(request);
    const [{ slug }, statement] = await Promise.all([this.tenants.get(actor), this.statements.of(actor.tenantId, month)]);
    const shown = presentStatement(slug, statement);
    if (format === 'json') return void (await reply.send(shown));
    await reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="statement-${shown.month}.csv"`)
      .send(statementCsv(shown.lines));
  }
}
