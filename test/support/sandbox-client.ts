import { afterAll, beforeAll } from '@jest/globals';
import OpenAI from 'openai';
import { startSandbox, type Sandbox } from '../../src/sandbox/server.js';

/** The sandbox of the test file that has called `useSandbox`, and OpenAI's client on it. */
export let sandbox: Sandbox;
export let client: OpenAI;

/** Starts a sandbox for the test file. */
export function useSandbox(): void {
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0, host: '127.0.0.1' });
    client = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: 'sk-test', maxRetries: 0 });
  });
  afterAll(() => sandbox.close());
}
