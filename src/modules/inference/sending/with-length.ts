import { AppError } from '../../../kernel/app-error.js';
import type { CallPlan } from '../call/call-plan.js';
import { encodedLength, lengthMember } from '../call/length-member.js';
import { spliceBody } from '../wire/json-edit.js';
import { scanObject } from '../wire/json-scan.js';

/**
 * The call with the most tokens that its answer may have, said to the provider in the member that its path knows. The same plan where
 * the path knows none.
 * @throws AppError invalid_request for a body that is no object.
 */
export function withLength(plan: CallPlan, tokens: number): CallPlan {
  const key = lengthMember(plan);
  if (key === undefined || !Buffer.isBuffer(plan.body)) return plan;
  const scan = scanObject(plan.body);
  if (!scan.ok) throw new AppError('invalid_request', { message: scan.message });
  return { ...plan, body: spliceBody(plan.body, scan, [{ op: 'set', key, value: encodedLength(tokens) }]) };
}
