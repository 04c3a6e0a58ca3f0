import { Injectable } from '@nestjs/common';
import { ask, pageSize, pagesOf, type AskedProvider } from '../../provider-jobs/asked-provider.js';
import { ProviderClient } from '../../provider-jobs/provider-client.js';
import { batchMark, providerBatch, type ProviderBatch } from './provider-batch.js';

const batches = '/batches';

/** OpenAI's batches at a provider. Every call throws ProviderFault. */
@Injectable()
export class ProviderBatches {
  constructor(private readonly client: ProviderClient) {}

  /** @param mark our id of it, by which it is found again. @param endpoint as the provider names it. */
  create(asked: AskedProvider, mark: string, fileId: string, endpoint: string): Promise<ProviderBatch> {
    const json = { input_file_id: fileId, endpoint, completion_window: '24h', metadata: { [batchMark]: mark } };
    return ask(this.client, asked, { method: 'POST', path: batches, json }, providerBatch);
  }

  get(asked: AskedProvider, id: string): Promise<ProviderBatch> {
    return ask(this.client, asked, { method: 'GET', path: placeOf(id) }, providerBatch);
  }

  cancel(asked: AskedProvider, id: string): Promise<ProviderBatch> {
    return ask(this.client, asked, { method: 'POST', path: `${placeOf(id)}/cancel` }, providerBatch);
  }

  /** The batch that was made with this mark or of this file, which is no other batch's; undefined where there is none. */
  async find(asked: AskedProvider, mark: string, fileId: string): Promise<ProviderBatch | undefined> {
    const list = { path: batches, query: { limit: pageSize } };
    for await (const batch of pagesOf(this.client, asked, list, providerBatch))
      if (batch.metadata?.[batchMark] === mark || batch.input_file_id === fileId) return batch;
    return undefined;
  }
}

function placeOf(id: string): string {
  return `${batches}/${encodeURIComponent(id)}`;
}
