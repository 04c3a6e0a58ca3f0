import { keyBodies } from '../catalog/linked-keys.js';
import { keyWithSecretObject } from '../contracts/keys.js';
import type { CliContext } from './cli-context.js';
import { tenantQueryOf } from './resource-commands.js';

type Body = Readonly<Record<string, unknown>>;

/**
 * Creates a key of a built-in preset; for one that links keys, these before it, named after it. What was made is taken back
 * when a later one is refused.
 * @throws CliError when the platform refuses or cannot be reached.
 */
export async function createWithLinks(context: CliContext, body: Body) {
  const { own, linked } = keyBodies(body);
  if (linked === null) return create(context, own);
  const made: string[] = [];
  const link = async (fields: Body): Promise<string> => {
    const { id } = await create(context, fields);
    made.push(id);
    return id;
  };
  try {
    const inference = await link(linked.inference);
    const upload = await link(linked.upload);
    return await create(context, { ...own, links: { inference, upload } });
  } catch (error) {
    for (const id of made) await context.http.call('keys.delete', { id, query: tenantQueryOf(context, 'keys.delete') });
    throw error;
  }
}

async function create(context: CliContext, body: Body) {
  const query = tenantQueryOf(context, 'keys.create');
  return keyWithSecretObject.parse(await context.http.call('keys.create', { query, body }));
}
