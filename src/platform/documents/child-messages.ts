import type { Readable } from 'node:stream';
import { z } from 'zod';
import { maxLineBytes, type ChildMessage } from './child-protocol.js';
import { DocumentFailure, documentFailures, type DocumentFailureCode } from './document-failure.js';

const codes = Object.keys(documentFailures) as [DocumentFailureCode, ...DocumentFailureCode[]];

const source = z.object({
  page: z.number().int().optional(),
  sheet: z.string().optional(),
  slide: z.number().int().optional(),
  heading: z.string().optional(),
});

const chunk = z.object({
  ordinal: z.number().int(),
  text: z.string(),
  tokens: z.number().int(),
  source: source.extend({ pageEnd: z.number().int().optional(), slideEnd: z.number().int().optional() }),
});

const childMessage = z.union([
  z.object({ text: z.string(), source }),
  z.object({ chunk }),
  z.object({ progress: z.number() }),
  z.object({ alive: z.literal(true) }),
  z.object({ failure: z.enum(codes), cause: z.string() }),
  z.object({ end: z.literal(true) }),
]);

/**
 * The lines of a child as messages.
 * @throws DocumentFailure parser_crashed when it says something else.
 */
export async function* messagesOf(stdout: Readable): AsyncGenerator<ChildMessage, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const bytes of stdout) {
    rest = rest.length === 0 ? (bytes as Buffer) : Buffer.concat([rest, bytes as Buffer]);
    let start = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, start)) {
      const message = parseLine(rest.subarray(start, end).toString());
      start = end + 1;
      yield message;
    }
    rest = rest.subarray(start);
    if (rest.length > maxLineBytes)
      throw new DocumentFailure('parser_crashed', { cause: new Error('The parser wrote an endless line.') });
  }
}

function parseLine(line: string): ChildMessage {
  try {
    return childMessage.parse(JSON.parse(line)) as ChildMessage;
  } catch (error) {
    throw new DocumentFailure('parser_crashed', { cause: error });
  }
}
