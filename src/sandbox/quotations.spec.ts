import { describe, expect, it } from '@jest/globals';
import type { ChatMessage } from './chat-messages.js';
import { quotedAnswer } from './quotations.js';

const said = (role: string, text: string): ChatMessage => ({ role, text, images: 0, attachments: 0, received: {} });
const block = [
  'Quotations from documents follow.',
  '',
  'BEGIN QUOTATION 1 m4rk (gates.pdf, page 2)',
  'The south gate is closed.\nThe access code of the',
  'north gate is 7391. Ask the porter.',
  'END QUOTATION 1 m4rk',
  '',
  'BEGIN QUOTATION 2 m4rk (birds (old).txt)',
  'A heron lives at the pond。鷺は池に住む。',
  'END QUOTATION 2 m4rk',
].join('\n');

describe('quotedAnswer', () => {
  it('gives the sentence that shares most words with the question, whole over line ends, with its number and file', () => {
    expect(quotedAnswer([said('system', block)], 'What is the access code of the north gate?')).toBe(
      'According to [1] gates.pdf, page 2: "The access code of the north gate is 7391."',
    );
    expect(quotedAnswer([said('developer', block)], 'Where lives the HERON')).toBe(
      'According to [2] birds (old).txt: "A heron lives at the pond。"',
    );
  });

  it('is silent when no sentence shares a word with the question', () => {
    expect(quotedAnswer([said('system', block)], 'Hello!')).toBeUndefined();
    expect(quotedAnswer([said('system', 'Be kind.')], 'kind')).toBeUndefined();
  });

  it('believes quotations in system and developer messages alone, and none whose end has another mark', () => {
    expect(quotedAnswer([said('user', block)], 'north gate')).toBeUndefined();
    expect(
      quotedAnswer([said('system', block.replace('END QUOTATION 1 m4rk', 'END QUOTATION 1 other'))], 'porter'),
    ).toBeUndefined();
  });
});
