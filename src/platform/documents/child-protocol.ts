import type { Chunk, ChunkOptions } from './chunker.js';
import type { DocumentFailureCode } from './document-failure.js';
import type { Recognition } from './parser-input.js';
import type { ParseLimits } from './parse-limits.js';
import type { DocumentForm } from './reader-replies.js';
import type { Section } from './section.js';

/** The child's file descriptor from which it reads its instructions. It lives as long as its standard input is open. */
export const requestDescriptor = 3;

/** One document to read: one line of JSON. The next one follows when the child has said `end`. */
export interface ChildRequest {
  readonly path: string;
  readonly mediaType: DocumentForm;
  readonly limits: ParseLimits;
  readonly hiddenSheets: boolean;
  /** See `ParserInput`. */
  readonly recognition?: Recognition | undefined;
  /** With it the child gives chunks, else sections. */
  readonly chunking?: ChunkOptions;
}

/** One line of a child's standard output. The last one of a document is `end` or `failure`; without it the child has crashed. */
export type ChildMessage =
  | Section
  | { readonly chunk: Chunk }
  | { readonly progress: number }
  | { readonly alive: true }
  | { readonly failure: DocumentFailureCode; readonly cause: string }
  | { readonly end: true };

/** Characters of one section on the way: a document arrives in pieces, never as one message. */
export const maxPieceLength = 64 * 1024;

/** Bytes of one line: every character of a piece or of the longest chunk escaped, and its source. */
export const maxLineBytes = 1024 * 1024;
