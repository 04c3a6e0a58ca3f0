import type { DocumentFailureCode } from './document-failure.js';
import type { MediaType } from './media-types.js';
import type { ParseLimits } from './parse-limits.js';
import type { Section } from './section.js';

/** What a child is told, as JSON in its only argument. It lives as long as its standard input is open. */
export interface ChildRequest {
  readonly path: string;
  readonly mediaType: MediaType;
  readonly limits: ParseLimits;
  readonly hiddenSheets: boolean;
}

/** One line of a child's standard output. The last one is `end` or `failure`; without it the child has crashed. */
export type ChildMessage =
  | Section
  | { readonly progress: number }
  | { readonly failure: DocumentFailureCode; readonly cause: string }
  | { readonly end: true };

/** Characters of one section on the way: a document arrives in pieces, never as one message. */
export const maxPieceLength = 64 * 1024;

/** Bytes of one line: every character of a piece escaped, and its source. */
export const maxLineBytes = 1024 * 1024;
