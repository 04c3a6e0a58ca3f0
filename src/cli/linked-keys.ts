import { builtInPreset } from '../catalog/presets.js';
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
  const links = builtInPreset(String(body['preset']))?.links ?? null;
  if (links === null) return create(context, body);
  const { agents, raw_models, datasets, prompt_policy, ...own } = body;
  const { expires_at, allowed_ips } = own;
  const shared = withoutAbsent({ expires_at, allowed_ips });
  const made: string[] = [];
  const link = async (preset: string, purpose: string, fields: Body): Promise<string> => {
    const name = `${String(body['name'])}-${purpose}`;
    const { id } = await create(context, { ...shared, ...withoutAbsent(fields), name, preset });
    made.push(id);
    return id;
  };
  try {
    const inference = await link(links.inference, 'inference', { agents, raw_models, prompt_policy });
    const upload = await link(links.upload, 'upload', { datasets });
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

function withoutAbsent(fields: Body): Body {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
