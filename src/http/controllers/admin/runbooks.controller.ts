import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { runbooks, findRunbook } from '../../../catalog/runbooks/index.js';
import { placeholders, type Filling } from '../../../catalog/runbooks/filling.js';
import { verified } from '../../../catalog/runbooks/verified.js';
import { Config } from '../../../config/config.module.js';
import { presentPage } from '../../../contracts/lists.js';
import { AppError } from '../../../kernel/app-error.js';
import { EndpointsService, type EndpointView } from '../../../modules/agents/endpoints.service.js';
import { RunbookRunsService } from '../../../modules/runbook-runs/runbook-runs.service.js';
import { TenantsService } from '../../../modules/tenants/tenants.service.js';
import { Actors } from '../../auth/actor.js';
import { presentEndpoint } from '../../presenters/endpoint.presenter.js';
import { presentRunbook, presentRunbookSummary, type RunbookContext } from '../../presenters/runbook.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathReference } from '../../routing/path-reference.js';
import { publicOrigin } from '../../routing/public-origin.js';
import { adminQueryOf } from '../../routing/row-query.js';

const types = { text: 'text/plain; charset=utf-8', markdown: 'text/markdown; charset=utf-8' } as const;

/** How many published names a runbook is filled in with at most. */
const namesShown = 100;

/** The doors of runbooks: the catalogue's, filled in with the host, the published names and the evidence of the tenant. */
@Controller()
export class RunbooksController {
  constructor(
    private readonly tenants: TenantsService,
    private readonly endpoints: EndpointsService,
    private readonly runs: RunbookRunsService,
    private readonly actors: Actors,
    private readonly config: Config,
  ) {}

  /** All on one page. */
  @AdminRoute('runbooks.list')
  async list(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'runbooks.list');
    const { filling, runs } = await this.contextOf(request);
    return presentPage({ rows: runbooks, hasMore: false }, (row) => presentRunbookSummary(row, filling, runs));
  }

  @AdminRoute('runbooks.get')
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { format, model } = adminQueryOf(request, 'runbooks.get');
    const context = await this.contextOf(request, model);
    const row = findRunbook(pathReference(request));
    if (row === undefined) throw new AppError('not_found', { message: 'There is no such runbook.' });
    const runbook = presentRunbook(row, context);
    if (format === 'json') await reply.send(runbook);
    else await reply.type(types[format]).send(runbook[format]);
  }

  private async contextOf(request: FastifyRequest, model?: string): Promise<RunbookContext> {
    const actor = await this.actors.of(request);
    const [{ hosts }, { rows }, own] = await Promise.all([
      this.tenants.get(actor),
      this.endpoints.list(actor, {}, { limit: namesShown, order: 'asc' }),
      this.runs.evidence(actor),
    ]);
    const names = [...rows].sort((one, other) => Number(other.record.isDefault) - Number(one.record.isDefault));
    const aliases = names.filter((name) => name.record.kind === 'agent_alias' && serves(name, 'chat'));
    const chosen = [...(model === undefined ? [] : [model]), ...aliases.map(({ record }) => record.name)];
    const filling: Filling = {
      origin: originOf(publicOrigin(request, this.config), hosts[0]?.host),
      apiKey: placeholders.apiKey,
      aliases: [...new Set(chosen)],
      embedAlias: names.find((name) => serves(name, 'embed'))?.record.name,
    };
    // The tenant's own runs stand before those of the product.
    return { filling, names: names.map(shownName), runs: [...own, ...verified] };
  }
}

/** The tenant's own host takes the place of the platform's. */
function originOf(origin: string, host: string | undefined): string {
  if (host === undefined) return origin;
  const url = new URL(origin);
  url.hostname = host;
  return url.origin;
}

function serves({ modalities }: EndpointView, modality: EndpointView['modalities'][number]): boolean {
  return modalities.includes(modality);
}

function shownName(view: EndpointView) {
  const { name, kind, modalities } = presentEndpoint(view);
  return { name, kind, modalities };
}
