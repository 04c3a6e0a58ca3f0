import type { ChatMessage } from './chat-messages.js';

/** A passage that a platform in front has put into the request. */
interface Quotation {
  readonly number: string;
  /** The file, and the place in it where that is told. */
  readonly source: string;
  readonly sentences: readonly string[];
}

const opening = 'BEGIN QUOTATION ';
/** A line `BEGIN QUOTATION <n> <mark> (<file>, <place>)`, the text, and a line `END QUOTATION` with the same number and mark. */
const form = /^BEGIN QUOTATION (\d+) (\S+) \((.*)\)\n([^]*?)\nEND QUOTATION \1 \2$/gm;
const sentenceEnd = /(?<=[.!?])\s+|(?<=[。！？])|\n\s*\n/;
const word = /[\p{L}\p{N}\p{M}]+/gu;

/**
 * The sentence of the quotations in system and developer messages that shares most words with the question, of equal ones
 * the first: `According to [1] <file>: "<sentence>"`. Undefined when there are no quotations or none shares a word.
 */
export function quotedAnswer(messages: readonly ChatMessage[], question: string): string | undefined {
  const holders = messages.filter(({ role, text }) => (role === 'system' || role === 'developer') && text.includes(opening));
  if (holders.length === 0) return undefined;
  const asked = wordsOf(question);
  let best: { readonly shared: number; readonly text: string } | undefined;
  for (const { number, source, sentences } of holders.flatMap(({ text }) => quotationsIn(text))) {
    for (const sentence of sentences) {
      const shared = [...wordsOf(sentence)].filter((candidate) => asked.has(candidate)).length;
      if (shared > (best?.shared ?? 0)) best = { shared, text: `According to [${number}] ${source}: "${sentence}"` };
    }
  }
  return best?.text;
}

function quotationsIn(text: string): Quotation[] {
  return [...text.matchAll(form)].map(([, number = '', , source = '', passage = '']) => ({
    number,
    source,
    sentences: passage
      .split(sentenceEnd)
      .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
      .filter((sentence) => sentence !== ''),
  }));
}

function wordsOf(text: string): Set<string> {
  return new Set(text.normalize('NFKC').toLowerCase().match(word));
}
