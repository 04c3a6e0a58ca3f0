import { z } from 'zod';
import { uses } from '../../catalog/runbooks/guidance.js';
import { jsonOf } from '../exchange.js';
import { failureOf } from '../failure.js';
import { failed, passed, type Result } from '../result.js';
import type { VerificationRun } from '../run.js';

const list = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The names that the client sees are those that the key may use, the alias among them. */
export async function listsModels(run: VerificationRun): Promise<Result> {
  const given = await run.call({ route: 'models.list' });
  const { success, data } = list.safeParse(given.kind === 'answered' && given.status === 200 ? jsonOf(given) : undefined);
  if (!success) return failureOf(run, 'models.list', given);
  const seen = data.data.map(({ id }) => id);
  const allowed = new Set(run.key?.models ?? seen);
  const foreign = seen.filter((name) => !allowed.has(name));
  if (foreign.length > 0)
    return failed('answer', `The list shows ${foreign.join(', ')}, which the key may not use.`, 'Tell who runs the platform.');
  if (run.model !== undefined && !seen.includes(run.model))
    return failed('model', `"${run.model}" is not in the list.`, 'Allow the key to use it: gt key update --agents.');
  const how = uses(run.row, 'models.list') ? 'The client lists' : 'The key has';
  return passed(`${how} ${seen.length} name(s), "${run.model ?? ''}" among them, and no name that the key may not use.`);
}
