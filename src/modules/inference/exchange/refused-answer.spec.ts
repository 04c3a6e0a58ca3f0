import { describe, expect, it } from '@jest/globals';
import type { CallPlan } from '../call/call-plan.js';
import { RefusedAnswer } from './refused-answer.js';

const plan = {
  target: { model: 'big', connection: { secretTexts: ['team-blue'] } },
  publishedName: 'assistant',
  hidden: [],
} as unknown as CallPlan;

describe('a refused answer', () => {
  it('tells neither the secrets of the connection nor what signed in by its login', () => {
    const refusal = new RefusedAnswer(400, {});
    refusal.take(Buffer.from('{"error":{"message":"Bearer to-ken of acc.7731 in team-blue may not use big."}}'));
    const { message } = refusal.errorFor(plan, false, ['authorization', 'Bearer to-ken', 'x-account', 'acc.7731']);
    expect(message).toBe('[removed] of [removed] in [removed] may not use assistant.');
  });

  it('means what the wire of the call says that its status means', () => {
    const refusal = new RefusedAnswer(400, {});
    refusal.take(Buffer.from('wrong key'));
    const refusalStatus = (status: number, body: Buffer): number => (body.includes('wrong key') ? 401 : status);
    expect([refusal.meantBy({ ...plan, refusalStatus }), refusal.meantBy(plan)]).toEqual([401, 400]);
  });
});
