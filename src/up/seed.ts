import { secretOf, type AdminClient, type AdminObject } from './admin-client.js';

export const demoTenant = 'demo';
const connectionName = 'sandbox';
const oneYearSeconds = 365 * 86_400;

export interface SandboxAccess {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly token: string;
}

/** A secret that was made and is shown once. */
export interface FreshSecret {
  readonly name: string;
  readonly explanation: string;
  readonly secret: string;
}

export interface SeedResult {
  readonly keys: readonly FreshSecret[];
  readonly ownerToken: string;
}

const agentModels = {
  chat: { connection: connectionName, model: 'sandbox-chat' },
  embed: { connection: connectionName, model: 'sandbox-embed' },
};

const demoKeys = [
  {
    explanation: 'preset openai-chat-client: the alias "assistant"',
    body: { name: 'first-key', preset: 'openai-chat-client', agents: ['assistant'] },
  },
  {
    explanation: 'preset multimodal-workspace: everything that demo publishes',
    body: { name: 'workspace', preset: 'multimodal-workspace', agents: ['*'], raw_models: ['*'] },
  },
] as const;

/**
 * Makes the demo platform over the admin plane, as an operator. Killed in the middle, a second run completes it: what
 * is there is kept, and whatever shows its secret only once gets a new secret, since nobody has seen the old one.
 */
export async function seedDemo(
  operator: AdminClient,
  sandbox: SandboxAccess,
  onProgress: (text: string) => void,
): Promise<SeedResult> {
  onProgress(`tenant ${demoTenant}`);
  if ((await operator.find('tenants', { slug: demoTenant })) === null) {
    await operator.create('tenants', { slug: demoTenant, name: 'Demo' });
  }
  const admin = operator.inTenant(demoTenant);
  await ensure(admin, 'connections', connectionName, sandboxSettings(sandbox));
  await followSandbox(operator, sandbox);
  onProgress('agent and endpoints');
  await ensure(admin, 'agents', 'assistant', {
    description: 'The demo assistant, answered by the offline sandbox.',
    instructions: 'You are a helpful assistant. Answer briefly.',
    models: agentModels,
  });
  // The first endpoint of an agent publishes it.
  await ensure(admin, 'endpoints', 'assistant', { agent: 'assistant', default: true });
  await ensure(admin, 'endpoints', 'sandbox-chat', { raw_model: agentModels.chat });
  onProgress('keys');
  const keys: FreshSecret[] = [];
  for (const { body, explanation } of demoKeys) {
    keys.push({ name: body.name, explanation, secret: await freshKey(admin, body) });
  }
  return { keys, ownerToken: await freshOwnerToken(admin) };
}

/** Keeps the demo's connection on the sandbox of this start: its port may have changed. */
export async function followSandbox(operator: AdminClient, sandbox: SandboxAccess): Promise<void> {
  if ((await operator.find('tenants', { slug: demoTenant })) === null) return;
  const admin = operator.inTenant(demoTenant);
  const connection = await admin.find('connections', { name: connectionName });
  if (connection === null || connection['base_url'] === sandbox.baseUrl) return;
  await admin.change(`connections/${connection.id}`, sandboxSettings(sandbox));
}

/** Finds the object of this name, or creates it with the other values. */
async function ensure(admin: AdminClient, resource: string, name: string, values: object): Promise<AdminObject> {
  return (await admin.find(resource, { name })) ?? (await admin.create(resource, { name, ...values }));
}

function sandboxSettings(sandbox: SandboxAccess): object {
  return { base_url: sandbox.baseUrl, wire: 'openai', auth: { mode: 'header_token', token: sandbox.token } };
}

async function freshKey(admin: AdminClient, body: { readonly name: string }): Promise<string> {
  const found = await admin.find('keys', { name: body.name });
  if (found === null) return secretOf(await admin.create('keys', body));
  return secretOf(await admin.create(`keys/${found.id}/rotate`, { overlap_seconds: 0 }));
}

async function freshOwnerToken(admin: AdminClient): Promise<string> {
  const found = await admin.find('admin-tokens', { name: 'owner' });
  if (found !== null) await admin.delete(`admin-tokens/${found.id}`);
  const expires = Math.floor(Date.now() / 1000) + oneYearSeconds;
  return secretOf(await admin.create('admin-tokens', { name: 'owner', role: 'owner', expires_at: expires }));
}
