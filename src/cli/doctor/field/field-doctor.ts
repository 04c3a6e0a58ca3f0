import type { Check } from '../check.js';
import { findAddress } from './address.js';
import type { AdminView } from './admin-view.js';
import type { Line } from './http-call.js';
import { judgeKeyForm } from './key-form.js';
import { examineKey } from './key.js';
import { examineCall } from './model-call.js';
import { examineModels } from './models.js';
import { unanswered } from './no-connection.js';
import { examineScopes } from './scopes.js';
import { examineSockets } from './sockets.js';
import { examineUploads } from './uploads.js';
import { Visit, type Wish } from './visit.js';

/**
 * Looks at everything between this machine and a model, from the base URL on; what cannot be seen any more is left out.
 * @param adminAt the admin plane beside a base URL; null without a token for it.
 */
export async function examineField(wish: Wish, line: Line, adminAt: (baseUrl: string) => AdminView | null): Promise<Check[]> {
  const address = await findAddress(line, wish.baseUrl);
  const form = judgeKeyForm(wish.key);
  const checks = [...address.checks, form];
  if (address.baseUrl === undefined || !form.ok) return checks;
  const visit = new Visit(line, address.baseUrl, wish, adminAt(address.baseUrl));
  visit.quick.push(...address.replies);
  checks.push(...(await attempt('key', () => examineKey(visit))));
  const { own } = visit;
  if (own === undefined) return checks;
  checks.push(...(await examineAdmin(visit, own)), ...examineScopes(visit, own));
  checks.push(...(await attempt('model', () => models(visit, own))));
  checks.push(...(await attempt('sockets', async () => [await examineSockets(visit)])));
  checks.push(...(await attempt('uploads', () => examineUploads(visit))));
  return checks;
}

/** Tries the admin token, where one was given; one that is refused is told and not used any more. */
async function examineAdmin(visit: Visit, own: NonNullable<Visit['own']>): Promise<Check[]> {
  if (visit.admin === null) return [];
  const check = await visit.admin.answers('admin plane', own);
  if (!check.ok) visit.admin = null;
  return [check];
}

async function models(visit: Visit, own: NonNullable<Visit['own']>): Promise<Check[]> {
  const { checks, model } = await examineModels(visit, own);
  if (model === undefined) return checks;
  return [...checks, ...(await attempt('call', () => examineCall(visit, model)))];
}

/** A call that got no answer is a finding like others. */
async function attempt(check: string, work: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await work();
  } catch (error) {
    return [unanswered(check, error)];
  }
}
