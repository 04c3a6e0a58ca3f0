import { startSandbox } from '../../src/sandbox/server.js';
import { startAnthropicSandbox } from '../support/anthropic-sandbox.js';
import { startGeminiSandbox } from '../support/gemini-sandbox.js';
import { sandboxToken, startPlatform, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { statsOf, until } from '../support/relay.js';

/** The base URLs that runbooks in the field give. */
const basePaths = ['/api/tenant', '/api/tenant/v1'] as const;

/**
 * Which provider stands behind the platform: one with all of OpenAI's API, one that has nothing but the wire of chat and
 * embeddings, or one of a wire of its own. A client cannot tell them apart.
 */
export type Behind = 'whole' | 'small' | 'anthropic' | 'gemini';

/** One run of a client's script. */
export interface ClientRun {
  readonly basePath: string;
  readonly behind: Behind;
}

const isLong = process.env['GT_TEST_SOAK'] === '1';
const all = basePaths.flatMap((basePath) =>
  (['whole', 'small', 'anthropic', 'gemini'] as const).map((behind): ClientRun => ({ basePath, behind })),
);

/** Each base URL and each provider once; all pairs of them in a long run. */
export const everyRun = isLong
  ? all
  : all.filter(({ basePath, behind }) => (basePath === '/api/tenant') === (behind === 'whole'));

/** The same without the wires that are not OpenAI's, unless the run is a long one. */
export const runs = isLong ? all : everyRun.filter(({ behind }) => behind === 'whole' || behind === 'small');

/** For heavy clients, and those that repeat what another shows: the provider that needs more of the platform. */
export const sampledRuns = isLong ? all : runs.filter(({ behind }) => behind === 'small');

export interface ClientPlatform extends TestPlatform {
  readonly tenants: Readonly<Record<Behind, SeededTenant>>;
  /** Waits until no provider has a call any more. */
  untilIdle(): Promise<void>;
}

/**
 * A platform with a tenant on each provider. In both, `assistant` has models for chat and embeddings, and `studio` for all
 * that the provider has. Behind all but the whole one stands the same small sandbox.
 */
export async function startClientPlatform(settings: Readonly<Record<string, string>> = {}): Promise<ClientPlatform> {
  const platform = await startPlatform({ settings });
  const { factory, acme, sandbox } = platform;
  const little = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    token: sandboxToken,
    only: ['chat', 'embeddings'],
  });
  const small = await factory.tenant('small', `${little.url}/v1`);
  await factory.wire(small, 'chat');
  const messages = await startAnthropicSandbox(little);
  const anthropic = await factory.tenant('anthropic', messages.url);
  await factory.wire(anthropic, 'anthropic');
  const contents = await startGeminiSandbox(little);
  const gemini = await factory.tenant('gemini', contents.url);
  await factory.wire(gemini, 'gemini');
  const on = (model: string) => ({ connection: acme.connectionId, model });
  const media = {
    image: on('sandbox-image'),
    speech: on('sandbox-speech'),
    transcribe: on('sandbox-transcribe'),
    moderate: on('sandbox-moderate'),
  };
  await factory.alias(acme, 'studio', { models: { chat: on('sandbox-chat'), embed: on('sandbox-embed'), ...media } });
  for (const tenant of [small, anthropic, gemini]) await factory.alias(tenant, 'studio');
  return {
    ...platform,
    tenants: { whole: acme, small, anthropic, gemini },
    untilIdle: async () => {
      for (const provider of [sandbox, little])
        await until('all calls are over', async () => (await statsOf(provider)).active === 0);
    },
    close: async () => {
      await platform.close();
      await messages.close();
      await contents.close();
      await little.close();
    },
  };
}
