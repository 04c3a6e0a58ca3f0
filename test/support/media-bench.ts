import { afterAll, beforeAll } from '@jest/globals';
import type OpenAI from 'openai';
import { countUsage } from '../../src/modules/inference/counting/count-usage.js';
import { startMediaProvider, type MediaProvider } from './media-provider.js';
import { openai } from './relay.js';
import { startUsageBench, type UsageBench } from './usage-fixture.js';

/** What the test file that has called `useMedia` works with: the platform, its scripted provider, OpenAI's client. */
export let bench: UsageBench;
export let provider: MediaProvider;
export let client: OpenAI;

/** Starts them for the test file. @param publish makes the endpoints that it calls. */
export function useMedia(publish: () => Promise<void>): void {
  beforeAll(async () => {
    bench = await startUsageBench();
    // The first call that is counted starts the thread, which takes long beside all that jest does.
    await countUsage('', Buffer.from('{}'), { form: 'json', bytes: [] });
    provider = await startMediaProvider();
    await publish();
    client = openai(bench.platform.app.baseUrl, await bench.newKey());
  });
  afterAll(async () => {
    await provider.close();
    await bench.platform.close();
  });
}
