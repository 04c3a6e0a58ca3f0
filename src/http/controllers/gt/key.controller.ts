import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { EndpointDirectory } from '../../../modules/agents/endpoint-directory.js';
import { KeyInsightService } from '../../../modules/keys/key-insight.service.js';
import { KeyReportService } from '../../../modules/limit-report/key-report.service.js';
import { identityOf } from '../../auth/identity.js';
import { presentOwnKey } from '../../presenters/key.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';

/** A key about itself. */
@Controller()
export class KeyController {
  constructor(
    private readonly insight: KeyInsightService,
    private readonly endpoints: EndpointDirectory,
    private readonly report: KeyReportService,
  ) {}

  @GtRoute('key.get')
  async get(@Req() request: FastifyRequest) {
    const identity = identityOf(request);
    const { byName } = await this.endpoints.of(identity.tenant.id);
    const view = await this.insight.own(identity);
    return presentOwnKey(view, byName.values(), await this.report.ofCaller(identity));
  }
}
