import { describe, expect, it } from '@jest/globals';
import { QuietErrors } from './quiet-errors.js';

function written(): { readonly lines: string[]; readonly errors: QuietErrors; passMs(ms: number): void } {
  const lines: string[] = [];
  let now = 0;
  const errors = new QuietErrors(
    (line) => lines.push(line),
    () => now,
  );
  return { lines, errors, passMs: (ms) => (now += ms) };
}

describe('QuietErrors', () => {
  it('writes the first error at once and the same one again after ten seconds at the earliest', () => {
    const { lines, errors, passMs } = written();
    errors.report(new Error('away'));
    passMs(9_999);
    errors.report(new Error('away'));
    expect(lines).toEqual(['away']);
    passMs(1);
    errors.report(new Error('away'));
    expect(lines).toEqual(['away', 'away']);
  });

  it('holds no error back because of another', () => {
    const { lines, errors } = written();
    errors.report(new Error('away'));
    errors.report(new Error('full'));
    expect(lines).toEqual(['away', 'full']);
  });

  it('names an error without a text by its code, and writes what is no error as it is', () => {
    const { lines, errors } = written();
    errors.report(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }));
    errors.report('odd');
    expect(lines).toEqual(['ECONNREFUSED', 'odd']);
  });

  it('goes on after many different errors', () => {
    const { lines, errors } = written();
    for (let number = 0; number < 200; number += 1) errors.report(new Error(`error ${number}`));
    expect(lines).toHaveLength(200);
  });
});
