import { Injectable } from '@nestjs/common';
import { resolveSpelling } from '../../../catalog/spellings.js';
import { EndpointDirectory, findEndpoint } from '../../agents/endpoint-directory.js';
import type { NewHandover } from '../../batches/batch-handover.js';
import type { BatchRecord } from '../../batches/batch-record.js';
import { kindOf } from '../line-calls.js';

/** Tells which batches their provider makes. */
@Injectable()
export class HandoverChoice {
  constructor(private readonly endpoints: EndpointDirectory) {}

  /**
   * The provider of a batch all of whose requests name one agent that wants it so, where the provider has such batches; else
   * undefined: the platform makes it. An agent that answers from datasets needs more than its provider for each request.
   */
  async of({ tenantId, route }: BatchRecord, models: ReadonlySet<string | undefined>): Promise<NewHandover | undefined> {
    if (models.size === 0 || models.has(undefined)) return undefined;
    const endpoints = await this.endpoints.of(tenantId);
    const named = new Set([...models].map((model) => findEndpoint(endpoints, resolveSpelling(model ?? ''))));
    const [endpoint] = named;
    if (named.size !== 1 || endpoint?.agent?.batches !== 'provider' || endpoint.agent.datasets.length > 0) return undefined;
    const target = endpoint.targets.get(kindOf(route).modality);
    if (target?.connection.isUsable !== true || Object.keys(target.connection.batches).length === 0) return undefined;
    return { connectionId: target.connection.id, alias: endpoint.name, model: target.model };
  }
}
