import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fields } from '../../../../kernel/fields.js';
import { Citations } from './citations.js';

const files = new Map([
  [1, { fileId: 'file-a', filename: 'a.txt' }],
  [2, { fileId: 'file-b', filename: 'b.txt' }],
]);
const web: Fields = { type: 'url_citation', url: 'https://one.example', start_index: 0, end_index: 1, title: 'One' };
const part = (text: string, annotations: unknown[] = []): Fields => ({ type: 'output_text', text, annotations, logprobs: [] });
const citation = (index: number, number: 1 | 2): Fields => ({
  type: 'file_citation',
  index,
  file_id: files.get(number)?.fileId,
  filename: files.get(number)?.filename,
});

describe('citations of files', () => {
  it('are the same in a stream and in the whole part, among those of the provider', () => {
    const pieces = fc.array(fc.constantFrom('[', '1', ']', '[2]', '[1, 2]', '[3]', ' a', '😀', web), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, (said) => {
        const citations = new Citations(files);
        const told: Fields[] = [];
        const given: Fields[] = [];
        for (const piece of said) {
          if (typeof piece === 'string') {
            for (const { annotation, index } of citations.take('msg_1', 0, piece)) {
              expect(index).toBe(told.length);
              told.push(annotation);
            }
          } else {
            const own = { ...piece, start_index: given.length };
            expect(citations.given('msg_1', 0)).toBe(told.length);
            told.push(own);
            given.push(own);
          }
        }
        const text = said.filter((piece) => typeof piece === 'string').join('');
        expect(citations.part('msg_1', 0, part(text, given))['annotations']).toEqual(told);
      }),
      { numRuns: 1_000 },
    );
  });

  it('stand behind those of the provider where nothing was streamed', () => {
    const message = {
      id: 'msg_1',
      type: 'message',
      content: [part('Gold [2], [3].', [web]), { type: 'refusal', refusal: '[1]' }],
    };
    expect(new Citations(files).message(message)['content']).toEqual([
      part('Gold [2], [3].', [web, citation(5, 2)]),
      { type: 'refusal', refusal: '[1]' },
    ]);
  });

  it('are bounded in one text, in a stream too', () => {
    const text = '[1]'.repeat(2_000);
    const streamed = new Citations(files);
    const told = [text.slice(0, 1_000), text.slice(1_000)].flatMap((piece) => streamed.take('msg_1', 0, piece));
    expect(told).toHaveLength(500);
    expect(new Citations(files).part('msg_1', 0, part(text))['annotations']).toHaveLength(500);
    expect(streamed.part('msg_1', 0, part(text))['annotations']).toEqual(told.map(({ annotation }) => annotation));
  });

  it('are none where nothing can be cited', () => {
    const citations = new Citations(new Map());
    const given = part('[1]', [web]);
    expect([citations.areWanted, citations.take('msg_1', 0, '[1]'), citations.part('msg_1', 0, given)]).toEqual([
      false,
      [],
      given,
    ]);
  });
});
