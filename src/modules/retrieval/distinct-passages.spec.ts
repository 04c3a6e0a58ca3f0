import { describe, expect, it } from '@jest/globals';
import { distinctPassages } from './distinct-passages.js';
import type { Passage } from './passage.js';

function passage(fileId: string, ordinal: number, text: string): Passage {
  return {
    fileId,
    ingestionId: '',
    ordinal,
    text,
    filename: `${fileId}.txt`,
    source: {},
    score: 1,
    datasetId: 'ds_a',
    conversationId: null,
  };
}

const shared = 'These words stand in both chunks. ';

describe('distinct passages', () => {
  it('give what two neighbours share once, whichever of them comes first', () => {
    const first = passage('file-a', 3, `The beginning. ${shared}`);
    const second = passage('file-a', 4, `${shared}The end.`);
    expect(distinctPassages([first, second], 5).map(({ text }) => text)).toEqual([first.text, 'The end.']);
    expect(distinctPassages([second, first], 5).map(({ text }) => text)).toEqual([second.text, 'The beginning. ']);
  });

  it('leave a passage whole whose neighbour in the file was not found, or that only looks like a neighbour', () => {
    const list = [
      passage('file-a', 3, `The beginning. ${shared}`),
      passage('file-b', 4, `${shared}Else.`),
      passage('file-a', 5, `${shared}More.`),
    ];
    expect(distinctPassages(list, 5)).toEqual(list);
  });

  it('give a text that stands in two files once', () => {
    const list = [
      passage('file-a', 0, 'The same  text.'),
      passage('file-b', 7, 'The same\ntext.'),
      passage('file-c', 0, 'Another one.'),
    ];
    expect(distinctPassages(list, 5).map(({ fileId }) => fileId)).toEqual(['file-a', 'file-c']);
  });

  it('leave out a neighbour that holds nothing else, and fill its place', () => {
    const list = [
      passage('file-a', 3, `The beginning. ${shared}`),
      passage('file-a', 4, shared),
      passage('file-b', 0, 'Another one.'),
    ];
    expect(distinctPassages(list, 2).map(({ fileId, ordinal }) => [fileId, ordinal])).toEqual([
      ['file-a', 3],
      ['file-b', 0],
    ]);
  });

  it('are as many as were asked for', () => {
    expect(distinctPassages([passage('file-a', 0, 'One.'), passage('file-b', 0, 'Two.')], 1)).toHaveLength(1);
  });
});
