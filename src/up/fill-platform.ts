import type { Addresses } from './addresses.js';
import { AdminClient } from './admin-client.js';
import type { DataFolder } from './data-folder.js';
import { databaseMark, loadState, type Secrets } from './local-state.js';
import { messageOf } from './message-of.js';
import { connectOpenAi } from './openai-provider.js';
import { ensureOperatorToken } from './operator-token.js';
import { followSandbox, seedDemo, type SeedResult } from './seed.js';
import type { UpSettings } from './up-settings.js';

export interface FillOptions {
  readonly settings: UpSettings;
  readonly folder: DataFolder;
  readonly secrets: Secrets;
  readonly addresses: Addresses;
  readonly databaseUrl: string;
  /** Runs a step and shows it. */
  readonly step: <T>(name: string, work: (onProgress: (text: string) => void) => Promise<T>) => Promise<T>;
  readonly say: (text: string) => void;
}

/**
 * Brings the running platform's content up to this start: an operator token, the demo platform at the first start,
 * afterwards only what has to follow the settings.
 */
export async function fillPlatform(options: FillOptions): Promise<{ adminToken: string; seed: SeedResult | null }> {
  const { settings, folder, secrets, addresses, step } = options;
  const adminToken = await step('checking the operator token', () =>
    ensureOperatorToken(folder, secrets, options.databaseUrl, addresses.adminUrl),
  );
  const admin = new AdminClient(addresses.adminUrl, adminToken);
  const sandbox = { baseUrl: addresses.sandboxUrl, token: secrets.sandbox_token };
  const seeded = loadState(folder).seeded.includes(databaseMark(settings.databaseUrl));
  const seed = seeded ? null : await step('creating the demo platform', (onProgress) => seedDemo(admin, sandbox, onProgress));
  if (seeded) await step('checking the connection to the sandbox', () => followSandbox(admin, sandbox));
  await connectRealProvider(admin, options);
  return { adminToken, seed };
}

/** A provider that cannot be connected is said aloud, but keeps nobody from the rest of the platform. */
async function connectRealProvider(admin: AdminClient, { settings, folder, step, say }: FillOptions): Promise<void> {
  const { openai } = settings;
  if (openai === null) return;
  const problem = await step('connecting the provider of OPENAI_API_KEY', () =>
    connectOpenAi(admin, folder, openai, databaseMark(settings.databaseUrl)).then(
      () => null,
      (error: unknown) => messageOf(error),
    ),
  );
  if (problem === null) return;
  say(`The provider at ${openai.baseUrl} is not connected: ${problem}`);
  say(`If its address is a private one, allow it: GT_ALLOW_PRIVATE_UPSTREAMS=<host:port> npm run up`);
}
