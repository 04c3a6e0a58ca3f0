import type { CallPlan } from '../call/call-plan.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { ReplySink } from '../call/reply-sink.js';
import { countUsage } from './count-usage.js';

/** Answers a call that is only counted: nothing is sent, and nothing is booked. */
export async function answerCounted(
  { body }: CallPlan,
  counted: NonNullable<CallPlan['counted']>,
  { identity }: InferenceRequest,
  sink: ReplySink,
): Promise<void> {
  const asked = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const tokens = await countUsage(identity.key.tenantId, asked, { form: 'json', bytes: [] });
  sink.head(200, 'application/json; charset=utf-8');
  sink.end(counted(tokens));
}
