import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { decideModel } from '../../catalog/decide.js';
import { routeRow, type RouteId } from '../../catalog/routes.js';
import { resolveSpelling } from '../../catalog/spellings.js';
import type { Modality } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import { isFields } from '../../kernel/fields.js';
import { jsonSize } from '../../kernel/json-size.js';
import { EndpointDirectory, findEndpoint } from '../../modules/agents/endpoint-directory.js';
import { KeyDatasetsService } from '../../modules/datasets/key-datasets.service.js';
import type { Identity } from '../../modules/keys/key-facts.js';
import { identityOf } from '../auth/identity.js';
import { parseInSlices } from '../body/parse-in-slices.js';
import { pathParameter } from '../routing/path-parameter.js';
import { bodyAhead } from '../routing/row-body.js';
import { judgeQueryAhead } from '../routing/row-query.js';

/** A body of more values is not looked into: it is judged when it runs. */
const mostValues = 200_000;

/** The members of a body, as far as they are known. */
export type BodyMembers = Readonly<Record<string, unknown>>;

/** Refuses what can be told of a request without running it, so that nobody is asked to approve it. */
@Injectable()
export class HeldJudge {
  constructor(
    private readonly endpoints: EndpointDirectory,
    private readonly datasets: KeyDatasetsService,
  ) {}

  /** @throws AppError 400, model_not_found, unsupported_modality; target_not_allowed or not_found for the dataset of its path. */
  async judge(request: FastifyRequest, routeId: RouteId): Promise<BodyMembers> {
    const { path } = routeRow(routeId);
    judgeQueryAhead(request, routeId);
    const members = await this.members(request, routeId);
    if (path.includes('{dataset_id}')) await this.datasets.resolve(identityOf(request).key, pathParameter(request, 'dataset_id'));
    return members;
  }

  private async members(request: FastifyRequest, routeId: RouteId): Promise<BodyMembers> {
    const { body: takes, modality } = routeRow(routeId);
    if (takes === 'multipart') return {};
    const own = bodyAhead(request, routeId);
    if (own !== undefined) return isFields(own) ? own : {};
    if (takes === 'none') return {};
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    return this.judgeJson(identityOf(request), request.headers, bytes, modality);
  }

  /** The same for the body of a call that a provider is asked. */
  async judgeJson(
    identity: Identity,
    headers: IncomingHttpHeaders,
    bytes: Buffer,
    modality: Modality | undefined,
  ): Promise<BodyMembers> {
    if (jsonSize(bytes, mostValues).values > mostValues) return {};
    const members = (await parseInSlices(bytes, mostValues)) as BodyMembers;
    if (modality !== undefined) await this.judgeModel(identity, headers, members['model'], modality);
    return members;
  }

  private async judgeModel(
    { key, tenant }: Identity,
    headers: IncomingHttpHeaders,
    model: unknown,
    modality: Modality,
  ): Promise<void> {
    const agent = headers['x-openclaw-agent-id'];
    const name = typeof agent === 'string' && agent !== '' ? agent : model;
    if (typeof name !== 'string' || name === '') return;
    const endpoint = findEndpoint(await this.endpoints.of(tenant.id), resolveSpelling(name));
    const refused = decideModel(key, endpoint, name, modality);
    if (refused === undefined) return;
    const { code, ...options } = refused;
    throw new AppError(code, options);
  }
}
