import { z } from 'zod';
import type { AdminClient, AdminObject } from './admin-client.js';
import type { DataFolder } from './data-folder.js';
import { changeState, loadState, secretMark } from './local-state.js';
import { demoTenant } from './seed.js';
import type { OpenAiSettings } from './up-settings.js';

/** The connection, its agent and its alias all have this name. */
export const openAiAlias = 'openai';

/** Tried in this order among the models that the provider lists. */
const preferred = ['gpt-5-mini', 'gpt-4.1-mini', 'gpt-4o-mini'];
const notForChat = /embed|whisper|tts|audio|realtime|image|dall-e|moderation|transcribe|rerank|sora/i;
const modelList = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

/**
 * Connects the provider of OPENAI_API_KEY to the demo tenant and publishes the alias `openai` on it. Done again only
 * when key, address or model have changed; what was made before is changed, not doubled.
 * @param database the mark of the database that this is for (`databaseMark`).
 * @throws AdminCallError when the admin plane refuses the address.
 */
export async function connectOpenAi(
  operator: AdminClient,
  folder: DataFolder,
  settings: OpenAiSettings,
  database: string,
): Promise<void> {
  const mark = secretMark(database, settings.apiKey, settings.baseUrl, settings.model ?? '');
  if (loadState(folder).openai_mark === mark) return;
  const admin = operator.inTenant(demoTenant);
  const access = { base_url: settings.baseUrl, auth: { mode: 'header_token', token: settings.apiKey } };
  const connection = await createOrChange(admin, 'connections', access);
  const models = { chat: { connection: openAiAlias, model: settings.model ?? (await pickModel(admin, connection)) } };
  const agent = await createOrChange(admin, 'agents', { models });
  await admin.create(`agents/${agent.id}/publish`, { endpoint: openAiAlias });
  changeState(folder, { openai_mark: mark });
}

async function createOrChange(admin: AdminClient, resource: string, values: object): Promise<AdminObject> {
  const found = await admin.find(resource, { name: openAiAlias });
  if (found === null) return admin.create(resource, { name: openAiAlias, ...values });
  return admin.change(`${resource}/${found.id}`, values);
}

/** A chat model of the provider; the most common one when its list cannot be read. */
async function pickModel(admin: AdminClient, connection: AdminObject): Promise<string> {
  const answer = await admin.get(`connections/${connection.id}/models`).catch(() => null);
  const listed = modelList.safeParse(answer);
  const names = listed.success ? listed.data.data.map(({ id }) => id) : [];
  return preferred.find((name) => names.includes(name)) ?? names.find((name) => !notForChat.test(name)) ?? 'gpt-4.1-mini';
}
