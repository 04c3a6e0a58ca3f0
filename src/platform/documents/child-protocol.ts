import { z } from 'zod';
import { documentFailures, type DocumentFailureCode } from './document-failure.js';
import type { MediaType } from './media-types.js';
import type { ParseLimits } from './parse-limits.js';

/** What a child is told, as JSON in its only argument. It lives as long as its standard input is open. */
export interface ChildRequest {
  readonly path: string;
  readonly mediaType: MediaType;
  readonly limits: ParseLimits;
}

/** Characters of one section on the way: a document arrives in pieces, never as one message. */
export const maxPieceLength = 64 * 1024;

/** Bytes of one line: every character of a piece escaped, and its source. */
export const maxLineBytes = 1024 * 1024;

const codes = Object.keys(documentFailures) as [DocumentFailureCode, ...DocumentFailureCode[]];

/** One line of a child's standard output. The last one is `end` or `failure`; without it the child has crashed. */
export const childMessage = z.union([
  z.object({
    text: z.string(),
    source: z.object({
      page: z.number().int().optional(),
      sheet: z.string().optional(),
      slide: z.number().int().optional(),
      heading: z.string().optional(),
    }),
  }),
  z.object({ progress: z.number() }),
  z.object({ failure: z.enum(codes), cause: z.string() }),
  z.object({ end: z.literal(true) }),
]);

export type ChildMessage = z.infer<typeof childMessage>;
