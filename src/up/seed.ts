import { randomBase62 } from '../kernel/ids.js';
import { secretOf, type AdminClient, type AdminObject } from './admin-client.js';
import { handbookDataset, librarian } from './handbook.js';

export const demoTenant = 'demo';
const connectionName = 'sandbox';
const ownerEmail = 'owner@demo.example';
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

/** With what the demo tenant's owner signs in. */
export interface OwnerSignIn {
  readonly email: string;
  readonly password: string;
}

export interface SeedResult {
  readonly keys: readonly FreshSecret[];
  readonly ownerToken: string;
  readonly ownerSignIn: OwnerSignIn;
}

/** Names of keys whose secrets the welcome's examples need. */
export const firstKey = 'first-key';
export const uploadKey = 'uploads';

const agentModels = {
  chat: { connection: connectionName, model: 'sandbox-chat' },
  embed: { connection: connectionName, model: 'sandbox-embed' },
};

const demoAgents = [
  {
    name: 'assistant',
    description: 'The demo assistant, answered by the offline sandbox.',
    instructions: 'You are a helpful assistant. Answer briefly.',
  },
  {
    name: librarian,
    description: `Answers from the documents of the dataset "${handbookDataset}".`,
    instructions: 'Answer from the documents that are quoted to you, and name them. Say so when they do not tell.',
    datasets: [handbookDataset],
  },
] as const;

const demoKeys = [
  {
    explanation: `preset openai-chat-client: the aliases "assistant" and "${librarian}"`,
    body: { name: firstKey, preset: 'openai-chat-client', agents: ['assistant', librarian] },
  },
  {
    explanation: 'preset multimodal-workspace: everything that demo publishes',
    body: { name: 'workspace', preset: 'multimodal-workspace', agents: ['*'], raw_models: ['*'] },
  },
  {
    explanation: `preset dataset-upload: the dataset "${handbookDataset}"`,
    body: { name: uploadKey, preset: 'dataset-upload', datasets: [handbookDataset] },
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
  const tuning = { fine_tuning: 'on', publish_fine_tuned: true };
  await ensure(admin, 'connections', { name: connectionName }, { ...sandboxSettings(sandbox), ...tuning });
  await followSandbox(operator, sandbox);
  onProgress('agents, dataset and endpoints');
  await ensure(admin, 'datasets', { alias: handbookDataset }, { name: 'Handbook', embedding: agentModels.embed });
  for (const { name, ...values } of demoAgents) {
    await ensure(admin, 'agents', { name }, { ...values, models: agentModels });
    // The first endpoint of an agent publishes it.
    await ensure(admin, 'endpoints', { name }, { agent: name, default: name === 'assistant' });
  }
  await ensure(admin, 'endpoints', { name: 'sandbox-chat' }, { raw_model: agentModels.chat });
  onProgress('keys');
  const keys: FreshSecret[] = [];
  for (const { body, explanation } of demoKeys) {
    keys.push({ name: body.name, explanation, secret: await freshKey(admin, body) });
  }
  onProgress('owner');
  return { keys, ownerToken: await freshOwnerToken(admin), ownerSignIn: await freshSignIn(admin) };
}

/** Keeps the demo's connection on the sandbox of this start: its port may have changed. */
export async function followSandbox(operator: AdminClient, sandbox: SandboxAccess): Promise<void> {
  if ((await operator.find('tenants', { slug: demoTenant })) === null) return;
  const admin = operator.inTenant(demoTenant);
  const connection = await admin.find('connections', { name: connectionName });
  if (connection === null || connection['base_url'] === sandbox.baseUrl) return;
  await admin.change(`connections/${connection.id}`, sandboxSettings(sandbox));
}

/** Finds the object of this name or alias, or creates it with the other values. */
async function ensure(
  admin: AdminClient,
  resource: string,
  named: Readonly<Record<string, string>>,
  values: object,
): Promise<AdminObject> {
  return (await admin.find(resource, named)) ?? (await admin.create(resource, { ...named, ...values }));
}

function sandboxSettings(sandbox: SandboxAccess): object {
  return { base_url: sandbox.baseUrl, wire: 'openai', auth: { mode: 'header_token', token: sandbox.token } };
}

async function freshKey(admin: AdminClient, body: { readonly name: string }): Promise<string> {
  const found = await admin.find('keys', { name: body.name });
  if (found === null) return secretOf(await admin.create('keys', body));
  return secretOf(await admin.create(`keys/${found.id}/rotate`, { overlap_seconds: 0 }));
}

/** The owner comes in by a link as any member does, with a new password. */
async function freshSignIn(admin: AdminClient): Promise<OwnerSignIn> {
  const { id } = await ensure(admin, 'members', { email: ownerEmail }, { name: 'Owner', role: 'owner' });
  const { token } = await admin.create(`members/${id}/recover`, { second_factor: 'reset' });
  const password = randomBase62(20);
  await admin.acceptLink(String(token), password);
  return { email: ownerEmail, password };
}

async function freshOwnerToken(admin: AdminClient): Promise<string> {
  const found = await admin.find('admin-tokens', { name: 'owner' });
  if (found !== null) await admin.delete(`admin-tokens/${found.id}`);
  const expires = Math.floor(Date.now() / 1000) + oneYearSeconds;
  return secretOf(await admin.create('admin-tokens', { name: 'owner', role: 'owner', expires_at: expires }));
}
