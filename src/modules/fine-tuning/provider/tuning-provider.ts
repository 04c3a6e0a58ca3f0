import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ask, orGone, pageSize, pagesOf, type AskedProvider } from '../../provider-jobs/asked-provider.js';
import { ProviderClient } from '../../provider-jobs/provider-client.js';
import {
  providerCheckpoint,
  providerEvent,
  providerJob,
  type ProviderCheckpoint,
  type ProviderEvent,
  type ProviderJob,
} from './provider-objects.js';

const jobs = '/fine_tuning/jobs';

/** OpenAI's fine-tuning, as far as the platform uses them. Every call throws ProviderFault. */
@Injectable()
export class TuningProvider {
  constructor(private readonly client: ProviderClient) {}

  createJob(asked: AskedProvider, body: object): Promise<ProviderJob> {
    return ask(this.client, asked, { method: 'POST', path: jobs, json: body }, providerJob);
  }

  job(asked: AskedProvider, id: string): Promise<ProviderJob> {
    return ask(this.client, asked, { method: 'GET', path: placeOf(id) }, providerJob);
  }

  /**
   * The job that was made with this mark or of this file, which is no other job's; undefined where there is none. Providers
   * that do not know the filter show all.
   */
  async findJob(asked: AskedProvider, mark: string, trainingFile: string): Promise<ProviderJob | undefined> {
    const isOurs = (job: ProviderJob): boolean => job.metadata?.['gt_job'] === mark || job.training_file === trainingFile;
    const filter: Readonly<Record<string, string>> = asked.connection.hasDeployments ? {} : { 'metadata[gt_job]': mark };
    for await (const job of pagesOf(this.client, asked, { path: jobs, query: { limit: pageSize, ...filter } }, providerJob))
      if (isOurs(job)) return job;
    return undefined;
  }

  /** Cancels, pauses or resumes. */
  change(asked: AskedProvider, id: string, verb: 'cancel' | 'pause' | 'resume'): Promise<ProviderJob> {
    return ask(this.client, asked, { method: 'POST', path: `${placeOf(id)}/${verb}` }, providerJob);
  }

  /** What has happened, the newest first. */
  events(asked: AskedProvider, id: string): AsyncGenerator<ProviderEvent> {
    return pagesOf(this.client, asked, { path: `${placeOf(id)}/events`, query: { limit: pageSize } }, providerEvent);
  }

  async checkpoints(asked: AskedProvider, id: string): Promise<ProviderCheckpoint[]> {
    const found: ProviderCheckpoint[] = [];
    for await (const one of pagesOf(
      this.client,
      asked,
      { path: `${placeOf(id)}/checkpoints`, query: { limit: pageSize } },
      providerCheckpoint,
    ))
      found.push(one);
    return found;
  }

  /** Removes a model; one that is gone already is no fault. */
  async removeModel(asked: AskedProvider, model: string): Promise<void> {
    await orGone(ask(this.client, asked, { method: 'DELETE', path: `/models/${encodeURIComponent(model)}` }, z.unknown()));
  }
}

function placeOf(id: string): string {
  return `${jobs}/${encodeURIComponent(id)}`;
}
