import { describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import type { ProviderBatch } from './provider-batch.js';
import { errorOf, errorsTold, stateTold } from './told-batch.js';

const told = {
  names: new Map<string, string | null>([
    ['batch_theirs123', 'batch_ours'],
    ['file-theirs123', 'file-ours'],
    ['file-answers123', null],
  ]),
  baseModel: 'big-model-1',
  model: 'assistant',
  secrets: ['sk-very-secret-1'],
};
const errors = (data: Record<string, unknown>[]) =>
  errorsTold({ id: 'b', status: 'failed', errors: { data } } as ProviderBatch, told, (place) => place + 10);

describe("a provider's words about a batch", () => {
  it('are told with our ids, numbers and names, and nothing of the inside', () => {
    const message =
      'Line 2 of file-theirs123 (batch_theirs123, file-answers123): big-model-1 at https://api.example.com says sk-very-secret-1.';
    const [error] = errors([{ code: 'invalid_request', line: 2, message, param: 'body.messages[0]' }]);
    expect(error).toMatchObject({ code: 'invalid_request', line: 12, param: 'body.messages[0]' });
    expect(error?.message).toContain('file-ours');
    expect(error?.message).toContain('batch_ours');
    expect(error?.message).toContain('assistant');
    expect(error?.message).not.toMatch(/theirs|answers123|big-model|example\.com|secret/);
  });

  it('are replaced where they are none of ours', () => {
    expect(errors([{ code: 'Bad Code!', line: null, message: null, param: 'a b' }])).toEqual([
      { code: 'invalid_request', line: null, message: 'The provider refused the batch.', param: null },
    ]);
    expect(errors([])).toHaveLength(1);
    expect(errors(Array.from({ length: 500 }, () => ({ code: 'x' })))).toHaveLength(100);
  });

  it('tell a state that is known, or none', () => {
    expect(
      ['validating', 'in_progress', 'cancelling', 'expired', 'dreaming', 'toString'].map((status) =>
        stateTold({ id: 'b', status }),
      ),
    ).toEqual(['validating', 'running', 'running', 'expired', undefined, undefined]);
  });

  it('of a refusal are an error of the batch', () => {
    expect(errorOf(new ProviderFault('refused', false, 'No.', { code: 'token_limit_exceeded' }))).toEqual({
      code: 'token_limit_exceeded',
      line: null,
      message: 'No.',
      param: null,
    });
  });
});
