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
export async function seedDemo(admin: AdminClient, sandbox: SandboxAccess, onProgress: (text: string) => void): Promise<SeedResult> {
  onProgress(`tenant ${demoTenant}`);
  await ensure(admin, 'tenants', { slug: demoTenant }, { name: 'Demo' });
  await ensureSandboxConnection(admin, sandbox);
  onProgress('agent and endpoints');
  const agent = await ensure(admin, 'agents', own('assistant'), {
    description: 'The demo assistant, answered by the offline sandbox.',
    instructions: 'You are a helpful assistant. Answer briefly.',
    models: agentModels,
  });
  await ensurePublished(admin, agent);
  await ensure(admin, 'endpoints', own('assistant'), { agent: 'assistant', default: true });
  await ensure(admin, 'endpoints', own('sandbox-chat'), { raw_model: agentModels.chat });
  onProgress('keys');
  const keys: FreshSecret[] = [];
  for (const { body, explanation } of demoKeys) {
    keys.push({ name: body.name, explanation, secret: await freshKey(admin, body) });
  }
  return { keys, ownerToken: await freshOwnerToken(admin) };
}

/** Keeps the demo's connection on the sandbox of this start: its port may have changed. */
export async function followSandbox(admin: AdminClient, sandbox: SandboxAccess): Promise<void> {
  const connection = await admin.find('connections', own(connectionName));
  if (connection === null || connection['base_url'] === sandbox.baseUrl) return;
  await admin.change(`connections/${connection.id}`, { base_url: sandbox.baseUrl, auth: headerToken(sandbox.token) });
}

/** Publishes the agent's draft when nothing of it was published yet. */
export async function ensurePublished(admin: AdminClient, agent: AdminObject): Promise<void> {
  if ((await admin.find(`agents/${agent.id}/revisions`, {})) !== null) return;
  await admin.call('POST', `/agents/${agent.id}/publish`, {});
}

/** Finds an object by the values that name it, or creates it with them and the rest. */
export async function ensure(
  admin: AdminClient,
  resource: string,
  values: Readonly<Record<string, string>>,
  rest: object,
): Promise<AdminObject> {
  return (await admin.find(resource, values)) ?? (await admin.create(resource, { ...values, ...rest }));
}

export function headerToken(token: string): object {
  return { mode: 'header_token', token };
}

/** What names an object of the demo tenant. */
export function own(name: string): { tenant: string; name: string } {
  return { tenant: demoTenant, name };
}

async function ensureSandboxConnection(admin: AdminClient, sandbox: SandboxAccess): Promise<void> {
  await ensure(admin, 'connections', own(connectionName), { base_url: sandbox.baseUrl, wire: 'openai', auth: headerToken(sandbox.token) });
  await followSandbox(admin, sandbox);
}

async function freshKey(admin: AdminClient, body: { readonly name: string }): Promise<string> {
  const found = await admin.find('keys', own(body.name));
  if (found === null) return secretOf(await admin.create('keys', { tenant: demoTenant, ...body }));
  return secretOf(await admin.create(`keys/${found.id}/rotate`, { overlap_seconds: 0 }));
}

async function freshOwnerToken(admin: AdminClient): Promise<string> {
  const found = await admin.find('admin-tokens', own('owner'));
  if (found !== null) await admin.call('DELETE', `/admin-tokens/${found.id}`);
  const expires = Math.floor(Date.now() / 1000) + oneYearSeconds;
  return secretOf(await admin.create('admin-tokens', { ...own('owner'), role: 'owner', expires_at: expires }));
}
