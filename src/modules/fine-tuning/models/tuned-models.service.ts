import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../catalog/admin/admin-identity.js';
import { isListed } from '../../../catalog/decide.js';
import { resolveSpelling } from '../../../catalog/spellings.js';
import { AppError } from '../../../kernel/app-error.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { EndpointDirectory, findEndpoint } from '../../agents/endpoint-directory.js';
import { TunedEndpoints } from '../../agents/tuned-endpoints.service.js';
import type { Identity } from '../../keys/key-facts.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import { TuningProvider } from '../provider/tuning-provider.js';
import { TuningJobsRepository } from '../record/tuning-jobs.repository.js';
import type { TuningRecord } from '../record/tuning-record.js';
import { TuningConnections } from '../tuning-connections.js';

/** Models that jobs have made, published or not: they belong to the tenant, as their jobs do. */
@Injectable()
export class TunedModels {
  constructor(
    private readonly database: TenantDatabase,
    private readonly jobs: TuningJobsRepository,
    private readonly endpoints: TunedEndpoints,
    private readonly directory: EndpointDirectory,
    private readonly provider: TuningProvider,
    private readonly connections: TuningConnections,
  ) {}

  /**
   * Deletes a model: first its published name, then the model at its provider. What the provider does not do now, a worker
   * tries again. A model that is deleted already is deleted.
   * @throws AppError model_not_found; target_not_allowed for a model that no job has made; conflict while agents use it;
   * what the provider answers.
   */
  async delete(identity: Identity, name: string, { requestId, address }: Pick<Actor, 'requestId' | 'address'>): Promise<void> {
    const { tenant, key } = identity;
    const job = await this.database.run(tenant.id, async (tx) => {
      const found = await this.jobs.findByModel(tx, tenant.id, name);
      if (found === null || found.modelState === 'deleted') return found;
      const { id: tenantId } = tenant;
      const actor = { tenantId, name: key.id, requestId, address };
      const model = found.providerModel ?? '';
      await this.endpoints.withdrawIn(tx, actor, { name, connectionId: found.connectionId, model });
      return this.jobs.update(tx, found, { modelState: 'deleting', nextAt: new Date(), failures: 0 });
    });
    if (job === null) return this.refuse(identity, name);
    if (job.modelState === 'deleted') return;
    try {
      await this.removeAtProvider(job);
    } catch (error) {
      throw error instanceof ProviderFault ? error.asAppError() : error;
    }
  }

  /** @throws ProviderFault; AppError for a connection that cannot be used. */
  async removeAtProvider(job: TuningRecord, signal?: AbortSignal): Promise<TuningRecord> {
    await this.provider.removeModel(await this.connections.askedFor(job, signal), job.providerModel ?? '');
    return this.database.run(job.tenantId, (tx) => this.jobs.update(tx, job, { modelState: 'deleted' }));
  }

  private async refuse({ tenant, key }: Identity, name: string): Promise<never> {
    const endpoint = findEndpoint(await this.directory.of(tenant.id), resolveSpelling(name));
    if (endpoint !== undefined && isListed(key, endpoint))
      throw new AppError('target_not_allowed', {
        param: 'model',
        message: `The model \`${name}\` was not made by a fine-tuning job. Only such models can be deleted.`,
      });
    throw new AppError('model_not_found', {
      param: 'model',
      message: `The model \`${name}\` does not exist or you do not have access to it.`,
    });
  }
}
