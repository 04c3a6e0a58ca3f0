import { describe, expect, it } from '@jest/globals';
import { RecordKinds } from './record-kinds.js';

describe('the kinds of records', () => {
  const keeper = (kind: string, given: string[]) => ({
    kind,
    reads: () => true,
    write: (texts: readonly string[]) => Promise.resolve(void given.push(`${kind}: ${texts.join(' ')}`)),
  });

  it('give each keeper its own records in their order', async () => {
    const given: string[] = [];
    const kinds = new RecordKinds();
    for (const kind of ['usage', 'ledger']) kinds.register(keeper(kind, given));
    await kinds.write([
      { kind: 'usage', text: '[1]' },
      { kind: 'ledger', text: '[2]' },
      { kind: 'usage', text: '[3]' },
    ]);
    expect(given).toEqual(['usage: [1] [3]', 'ledger: [2]']);
  });

  it('have one keeper each, and none is lost without one', async () => {
    const kinds = new RecordKinds();
    kinds.register(keeper('usage', []));
    expect(() => kinds.register(keeper('usage', []))).toThrow('two keepers');
    expect([kinds.reads('usage', []), kinds.reads('ledger', [])]).toEqual([true, false]);
    await expect(kinds.write([{ kind: 'ledger', text: '[]' }])).rejects.toThrow('no keeper');
  });
});
