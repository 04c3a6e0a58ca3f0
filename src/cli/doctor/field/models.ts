import { z } from 'zod';
import type { OwnKeyObject } from '../../../contracts/keys.js';
import { modalities, modalityScopes, type Modality } from '../../../contracts/scopes.js';
import { found, skipped, well, type Check } from '../check.js';
import { nearNames } from './near-names.js';
import { refusalId, refused } from './refusals.js';
import type { Visit } from './visit.js';
import { jsonOf } from './whose-reply.js';

const check = 'model';

const model = z.object({
  id: z.string(),
  gt: z.object({ default: z.boolean(), modalities: z.array(z.enum(modalities)) }),
});
const list = z.object({ data: z.array(model) });

/** A name that the key may use. */
export interface UsableModel {
  readonly name: string;
  readonly modalities: readonly Modality[];
}

/** The wished model, else the default one, else any; and what is wrong with it. */
export async function examineModels(
  visit: Visit,
  own: OwnKeyObject,
): Promise<{ readonly checks: Check[]; readonly model?: UsableModel }> {
  const reply = await visit.send('/models');
  const listed = list.safeParse(jsonOf(reply));
  if (reply.status !== 200 || !listed.success) return { checks: [refused(check, reply, visit.wish.key)] };
  visit.quick.push(reply);
  const usable = listed.data.data;
  const names = usable.map(({ id }) => id);
  if (visit.wish.model !== undefined) return named(visit, own, visit.wish.model, names);
  if (usable.length === 0) {
    const inferring: readonly string[] = Object.values(modalityScopes);
    const infers = own.effective_scopes.some((scope) => inferring.includes(scope));
    return { checks: [infers ? found(check, 'no-models') : skipped(check, 'The key is not for models.')] };
  }
  const chats = usable.filter(({ gt }) => gt.modalities.includes('chat'));
  const chosen = chats.find(({ gt }) => gt.default) ?? chats[0] ?? usable[0];
  const checks = [
    well(check, `the key may use ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}.`),
  ];
  return { checks, model: chosen && { name: chosen.id, modalities: chosen.gt.modalities } };
}

async function named(
  visit: Visit,
  own: OwnKeyObject,
  name: string,
  names: readonly string[],
): Promise<{ checks: Check[]; model?: UsableModel }> {
  const reply = await visit.send(`/models/${encodeURIComponent(name)}`);
  const one = model.safeParse(jsonOf(reply));
  if (reply.status === 200 && one.success) {
    const { gt } = one.data;
    return { checks: [well(check, `${name} serves ${gt.modalities.join(', ')}.`)], model: { name, modalities: gt.modalities } };
  }
  if (refusalId(reply, visit.wish.key) !== 'model-unknown') return { checks: [refused(check, reply, visit.wish.key)] };
  const near = nearNames(name, names);
  const usable =
    near.length > 0
      ? `Near names that the key may use: ${near.join(', ')}.`
      : `The key may use ${names.length === 0 ? 'none' : names.slice(0, 5).join(', ')}.`;
  if (visit.admin === null) return { checks: [found(check, 'model-unknown', `${name} was asked for. ${usable}`)] };
  return { checks: [await visit.admin.whyNoModel(check, own, name, usable)] };
}
