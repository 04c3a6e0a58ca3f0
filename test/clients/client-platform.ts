import { startSandbox } from '../../src/sandbox/server.js';
import { sandboxToken, startPlatform, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { statsOf, until } from '../support/relay.js';

/** The base URLs that runbooks in the field give. */
const basePaths = ['/api/tenant', '/api/tenant/v1'] as const;

/**
 * Which provider stands behind the platform: one with all of OpenAI's API, or one that has nothing but the wire of chat and
 * embeddings. A client cannot tell them apart.
 */
export type Behind = 'whole' | 'small';

/** One run of a client's script. */
export interface ClientRun {
  readonly basePath: string;
  readonly behind: Behind;
}

const all = basePaths.flatMap((basePath) => (['whole', 'small'] as const).map((behind): ClientRun => ({ basePath, behind })));

/** Each base URL and each provider once; all pairs of them in a long run. */
export const runs =
  process.env['GT_TEST_SOAK'] === '1'
    ? all
    : all.filter(({ basePath, behind }) => (basePath === '/api/tenant') === (behind === 'whole'));

/** For heavy clients, and those that repeat what another shows: the provider that needs more of the platform. */
export const sampledRuns = process.env['GT_TEST_SOAK'] === '1' ? all : runs.filter(({ behind }) => behind === 'small');

export interface ClientPlatform extends TestPlatform {
  readonly tenants: Readonly<Record<Behind, SeededTenant>>;
  /** Waits until no provider has a call any more. */
  untilIdle(): Promise<void>;
}

/**
 * A platform with a tenant on each provider. In both, `assistant` has models for chat and embeddings, and `studio` for all
 * that the provider has.
 */
export async function startClientPlatform(): Promise<ClientPlatform> {
  const platform = await startPlatform();
  const { factory, acme, sandbox } = platform;
  const little = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    token: sandboxToken,
    only: ['chat', 'embeddings'],
  });
  const small = await factory.tenant('small', `${little.url}/v1`);
  await factory.wire(small, 'chat');
  const on = (model: string) => ({ connection: acme.connectionId, model });
  const media = {
    image: on('sandbox-image'),
    speech: on('sandbox-speech'),
    transcribe: on('sandbox-transcribe'),
    moderate: on('sandbox-moderate'),
  };
  await factory.alias(acme, 'studio', { models: { chat: on('sandbox-chat'), embed: on('sandbox-embed'), ...media } });
  await factory.alias(small, 'studio');
  return {
    ...platform,
    tenants: { whole: acme, small },
    untilIdle: async () => {
      for (const provider of [sandbox, little])
        await until('all calls are over', async () => (await statsOf(provider)).active === 0);
    },
    close: async () => {
      await platform.close();
      await little.close();
    },
  };
}
