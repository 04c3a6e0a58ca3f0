import { Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { ConnectionTarget } from '../../agents/published-endpoint.js';
import type { Refused } from './answer-faults.js';
import { fileForm } from './file-form.js';
import {
  providerCheckpoint,
  providerEvent,
  providerFile,
  providerJob,
  providerPage,
  type ProviderCheckpoint,
  type ProviderEvent,
  type ProviderFile,
  type ProviderJob,
} from './provider-objects.js';
import { ProviderFault } from './provider-fault.js';
import { TuningClient, type TuningCall } from './tuning-client.js';

/** A connection with what cleans its refusals, and how long anybody waits for it. */
export interface AskedProvider {
  readonly connection: ConnectionTarget;
  readonly told: Refused;
  readonly signal?: AbortSignal;
}

const jobs = '/fine_tuning/jobs';
const pageSize = '100';
/** So many pages are searched for what a crash has left. */
const mostPages = 20;

/** OpenAI's files and fine-tuning, as far as the platform uses them. Every call throws ProviderFault. */
@Injectable()
export class TuningProvider {
  constructor(private readonly client: TuningClient) {}

  upload(asked: AskedProvider, filename: string, content: AsyncIterable<Uint8Array>): Promise<ProviderFile> {
    return this.ask(asked, { method: 'POST', path: '/files', form: fileForm(filename, content) }, providerFile);
  }

  file(asked: AskedProvider, id: string): Promise<ProviderFile> {
    return this.ask(asked, { method: 'GET', path: `/files/${encodeURIComponent(id)}` }, providerFile);
  }

  content({ connection, signal }: AskedProvider, id: string): Promise<Readable> {
    return this.client.content(connection, id, signal ?? new AbortController().signal);
  }

  /** All files of this name. */
  async filesNamed(asked: AskedProvider, filename: string): Promise<ProviderFile[]> {
    const found: ProviderFile[] = [];
    const query = { purpose: 'fine-tune', limit: pageSize };
    for await (const file of this.pages(asked, '/files', query, providerFile)) if (file.filename === filename) found.push(file);
    return found;
  }

  /** Removes a file; one that is gone already is no fault. */
  async removeFile(asked: AskedProvider, id: string): Promise<void> {
    await this.orGone(this.ask(asked, { method: 'DELETE', path: `/files/${encodeURIComponent(id)}` }, z.unknown()));
  }

  createJob(asked: AskedProvider, body: object): Promise<ProviderJob> {
    return this.ask(asked, { method: 'POST', path: jobs, json: body }, providerJob);
  }

  job(asked: AskedProvider, id: string): Promise<ProviderJob> {
    return this.ask(asked, { method: 'GET', path: placeOf(id) }, providerJob);
  }

  /**
   * The job that was made with this mark or of this file, which is no other job's; undefined where there is none. Providers
   * that do not know the filter show all.
   */
  async findJob(asked: AskedProvider, mark: string, trainingFile: string): Promise<ProviderJob | undefined> {
    const isOurs = (job: ProviderJob): boolean => job.metadata?.['gt_job'] === mark || job.training_file === trainingFile;
    const filter: Readonly<Record<string, string>> = asked.connection.hasDeployments ? {} : { 'metadata[gt_job]': mark };
    for await (const job of this.pages(asked, jobs, { limit: pageSize, ...filter }, providerJob)) if (isOurs(job)) return job;
    return undefined;
  }

  /** Cancels, pauses or resumes. */
  change(asked: AskedProvider, id: string, verb: 'cancel' | 'pause' | 'resume'): Promise<ProviderJob> {
    return this.ask(asked, { method: 'POST', path: `${placeOf(id)}/${verb}` }, providerJob);
  }

  /** What has happened, the newest first. */
  events(asked: AskedProvider, id: string): AsyncGenerator<ProviderEvent> {
    return this.pages(asked, `${placeOf(id)}/events`, { limit: pageSize }, providerEvent);
  }

  async checkpoints(asked: AskedProvider, id: string): Promise<ProviderCheckpoint[]> {
    const found: ProviderCheckpoint[] = [];
    for await (const one of this.pages(asked, `${placeOf(id)}/checkpoints`, { limit: pageSize }, providerCheckpoint))
      found.push(one);
    return found;
  }

  /** Removes a model; one that is gone already is no fault. */
  async removeModel(asked: AskedProvider, model: string): Promise<void> {
    await this.orGone(this.ask(asked, { method: 'DELETE', path: `/models/${encodeURIComponent(model)}` }, z.unknown()));
  }

  private async *pages<S extends z.ZodType<{ readonly id: string }>>(
    asked: AskedProvider,
    path: string,
    query: Readonly<Record<string, string>>,
    item: S,
  ): AsyncGenerator<z.output<S>> {
    const page = providerPage(item);
    let after: string | undefined;
    for (let number = 0; number < mostPages; number += 1) {
      const further = after === undefined ? query : { ...query, after };
      const { data, has_more: hasMore } = (await this.ask(asked, { method: 'GET', path, query: further }, page)) as {
        readonly data: readonly z.output<S>[];
        readonly has_more?: boolean | null;
      };
      yield* data;
      const last = data.at(-1)?.id;
      if (hasMore !== true || last === undefined || last === after) return;
      after = last;
    }
  }

  private ask<S extends z.ZodType>(
    { connection, told, signal }: AskedProvider,
    call: TuningCall,
    schema: S,
  ): Promise<z.output<S>> {
    return this.client.ask(connection, { ...call, signal }, schema, told);
  }

  private async orGone(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!(error instanceof ProviderFault) || error.kind !== 'absent') throw error;
    }
  }
}

function placeOf(id: string): string {
  return `${jobs}/${encodeURIComponent(id)}`;
}
