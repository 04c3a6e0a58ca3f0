import { expect } from '@jest/globals';
import { usageList, type UsageList, type UsageObject } from '../../src/contracts/usage.js';
import { call } from './app.js';
import { startPlatform, type KeyOptions, type SeededKey, type TestPlatform } from './platform.js';
import { post, until, user } from './relay.js';

export interface UsageBench {
  readonly platform: TestPlatform;
  /** A key without calls; it may do everything unless the options say less. */
  newKey(options?: KeyOptions): Promise<SeededKey>;
  send(key: SeededKey, path: string, body: object): Promise<{ status: number; text: string; requestId: string | null }>;
  /** The key's usage as the route shows it, in the contract's form. */
  usageOf(key: SeededKey, query?: string): Promise<UsageList>;
  /** The one record of a key that made one call, at the latest two seconds after its end. */
  onlyRecord(key: SeededKey): Promise<UsageObject>;
}

/** A platform with short limits of the upstream, and the alias `patient` that allows a retry. */
export async function startUsageBench(settings: Readonly<Record<string, string>> = {}): Promise<UsageBench> {
  const platform = await startPlatform({
    settings: { GT_UPSTREAM_FIRST_BYTE_MS: '800', GT_UPSTREAM_IDLE_MS: '400', GT_KEEP_ALIVE_MS: '40', ...settings },
  });
  const { acme, app, factory } = platform;
  await factory.alias(acme, 'patient', { retry_after_max_seconds: 5 });
  const usageOf = async (key: SeededKey, query = ''): Promise<UsageList> => {
    const { status, body } = await call(`${app.baseUrl}/usage${query}`, 'GET', key.secret);
    expect(status).toBe(200);
    return usageList.parse(body);
  };
  return {
    platform,
    newKey: (options = {}) => factory.key(acme, options),
    send: async (key, path, body) => {
      const reply = await post({ url: app.baseUrl + path, secret: key.secret, body });
      return { status: reply.status, text: await reply.text(), requestId: reply.headers.get('x-gt-request-id') };
    },
    usageOf,
    onlyRecord: async (key) => {
      const visible = async (): Promise<UsageList | false> => {
        const now = await usageOf(key);
        return now.data.length > 0 && now;
      };
      const { data, totals } = await until('the record is visible', visible);
      expect([data.length, totals.calls]).toEqual([1, 1]);
      return data[0] as UsageObject;
    },
  };
}

/** A chat to the raw model. */
export function chatBody(prompt: string, further: object = {}): object {
  return { model: 'raw-chat', messages: [user(prompt)], ...further };
}
