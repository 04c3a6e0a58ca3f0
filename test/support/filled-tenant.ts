import { toFile } from 'openai';
import { chatLine } from './batches.js';
import type { FilesBench } from './files.js';
import type { SeededTenant } from './platform.js';
import { openai } from './relay.js';
import { until } from './until.js';

/** A tenant that has something of each kind, each with a word of its own that stands nowhere else. */
export interface FilledTenant extends SeededTenant {
  readonly key: { readonly id: string; readonly secret: string };
  /** Stand in what the tenant owns: texts of files, messages, names. */
  readonly canaries: readonly string[];
  /** What the tenant keeps secret. */
  readonly secrets: readonly string[];
}

/** Makes and fills a tenant. A worker must run. */
export async function fillTenant(bench: FilesBench, slug: string): Promise<FilledTenant> {
  const canaries: string[] = [];
  const canary = (of: string): string => {
    const word = `${slug}-canary-${of}`;
    canaries.push(word);
    return word;
  };
  const { app, sandbox } = bench.platform;
  const tenant = await bench.platform.factory.tenant(slug, `${sandbox.url}/v1`);
  const admin = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const reply = await app.admin('POST', path, { tenant: slug, ...body });
    if (reply.status >= 300) throw new Error(`${path}: ${JSON.stringify(reply.body)}`);
    return reply.body as Record<string, unknown>;
  };
  await bench.dataset('handbook', slug);
  const key = await bench.key({ tenant: slug, limits: { requests_per_minute: 1_000 } });
  const client = openai(bench.url, key);
  await admin('/members', { email: `${canary('member')}@example.com`, role: 'owner' });
  const hook = await admin('/webhooks', { url: `https://${canary('webhook')}.example/hook`, events: ['file.ready'] });
  await admin('/budgets', { window: 'month', currency: null, amount: 1_000_000 });

  const file = await bench.accepted(key.secret, '/datasets/handbook/files', {
    name: `${canary('name')}.txt`,
    bytes: canary('dataset'),
  });
  const conversation = await client.conversations.create({ metadata: { topic: canary('metadata') } });
  await client.responses.create({ model: 'assistant', input: canary('turn'), conversation: conversation.id });
  await client.responses.create({ model: 'assistant', input: canary('response'), store: true });
  await client.chat.completions.create({
    model: 'assistant',
    messages: [{ role: 'user', content: canary('stored') }],
    store: true,
  });
  const store = await client.vectorStores.create({ name: canary('store') });
  const plain = await client.files.create({
    file: await toFile(Buffer.from(canary('plain')), 'plain.txt'),
    purpose: 'assistants',
  });
  await client.vectorStores.files.createAndPoll(store.id, { file_id: plain.id }, { pollIntervalMs: 100 });
  const lines = JSON.stringify(chatLine('one', canary('batch')));
  const input = await client.files.create({ file: await toFile(Buffer.from(lines), 'in.jsonl'), purpose: 'batch' });
  const asked = { input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const;
  const batch = await client.batches.create(asked);
  await until('the batch has ended', async () => (await client.batches.retrieve(batch.id)).status === 'completed');
  await bench.ended(key.secret, file.id);
  await until('its calls are booked', async () => {
    const booked = await bench.platform.factory.run(
      (tx) => tx.$queryRaw<{ routes: number }[]>`
        select count(distinct route)::int as routes from usage_events where tenant_id = ${tenant.id}`,
    );
    return (booked[0]?.routes ?? 0) >= 3;
  });
  return { ...tenant, key, canaries, secrets: [key.secret, String(hook['secret'])] };
}
