import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { EndpointDirectory } from '../agents/endpoint-directory.js';
import type { AskedProvider } from '../provider-jobs/asked-provider.js';
import type { TuningRecord } from './record/tuning-record.js';
import { toldOf } from './tuning-names.js';

/** The connections that jobs go over, as they are now. */
@Injectable()
export class TuningConnections {
  constructor(private readonly endpoints: EndpointDirectory) {}

  /** @throws AppError upstream_unavailable for a connection that is gone or cannot be used. */
  async askedFor(job: TuningRecord, signal?: AbortSignal): Promise<AskedProvider> {
    const { connections } = await this.endpoints.of(job.tenantId);
    const connection = [...connections.values()].find(({ id }) => id === job.connectionId);
    if (connection === undefined)
      throw new AppError('upstream_unavailable', { message: 'The connection of this fine-tuning job is gone.' });
    return { connection, told: toldOf(job), ...(signal === undefined ? {} : { signal }) };
  }
}
