import { Injectable } from '@nestjs/common';
import type { UpdateEndpointRequest } from '../../contracts/endpoints.js';
import { AppError } from '../../kernel/app-error.js';
import { AgentsService } from '../agents/agents.service.js';
import { EndpointsService } from '../agents/endpoints.service.js';
import { PublicationsService } from '../agents/publications.service.js';
import { agentForm, endpointForm, type AgentEntry } from './file-forms.js';
import type { EndpointForm } from './forms.js';
import { each, type Section, type TenantRun } from './tenant-run.js';

/** The sections that publish: agents, each with a revision of what the file says, and endpoints. */
@Injectable()
export class PublishingSections {
  constructor(
    private readonly agentsService: AgentsService,
    private readonly publications: PublicationsService,
    private readonly endpointsService: EndpointsService,
  ) {}

  agents(run: TenantRun): Section {
    const { tx, actor } = run;
    return run.section({
      section: 'agents',
      kind: 'agent',
      entries: run.entry.agents,
      stored: run.state.agents,
      nameOf: ({ name }) => name,
      formOf: agentForm,
      create: each(async (entry) => {
        refusePrunedDatasets(run, entry);
        const { id } = await this.agentsService.createIn(tx, actor, entry);
        await this.publications.publishIn(tx, actor, id, {});
        return { id };
      }),
      keep: each(async ({ entry, changes, stored: { id } }) => {
        refusePrunedDatasets(run, entry);
        const draft = Object.keys(changes).length > 0 && (await this.agentsService.updateIn(tx, actor, id, changes)).changed;
        const { created } = await this.publications.publishIn(tx, actor, id, {});
        return { changed: draft || created };
      }),
      remove: each(({ id }) => this.agentsService.deleteIn(tx, actor, id)),
    });
  }

  endpoints(run: TenantRun): Section {
    const { tx, actor } = run;
    return run.section({
      section: 'endpoints',
      kind: 'endpoint',
      entries: run.entry.endpoints,
      stored: run.state.endpoints,
      nameOf: ({ name }) => name,
      formOf: endpointForm,
      create: each((entry) => this.endpointsService.createIn(tx, actor, entry)),
      keep: each(async ({ changes, stored }) => {
        const { changed } = await this.endpointsService.updateIn(tx, actor, stored.id, endpointChanges(changes));
        return { changed };
      }),
      remove: each(({ id }) => this.endpointsService.deleteIn(tx, actor, id)),
    });
  }
}

function endpointChanges({ agent, raw_model: raw, default: isDefault, limits }: Partial<EndpointForm>): UpdateEndpointRequest {
  return {
    ...(agent == null ? {} : { agent }),
    ...(raw == null
      ? {}
      : {
          raw_model: {
            connection: raw.connection,
            model: raw.model,
            ...(raw.modalities.length === 0 ? {} : { modalities: [...raw.modalities] }),
          },
        }),
    ...(isDefault === undefined ? {} : { default: isDefault }),
    ...(limits === undefined ? {} : { limits }),
  };
}

/** With prune, a dataset that the file does not name is about to go, and nothing else would keep it for the agent. */
function refusePrunedDatasets(run: TenantRun, entry: AgentEntry): void {
  if (!run.prune) return;
  const missing = entry.datasets.findIndex((alias) => !run.entry.datasets.some((dataset) => dataset.alias === alias));
  if (missing === -1) return;
  throw new AppError('invalid_value', {
    param: `datasets[${missing}]`,
    message: `The file has no dataset "${entry.datasets[missing] ?? ''}", and prune deletes what the file has not.`,
  });
}
