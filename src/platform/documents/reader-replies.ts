import type { MediaType } from './media-types.js';

/** Answers of document readers, which the parser reads like any other document. */
export type ReaderReply = 'gt/tika-html' | 'gt/docling-json';

/** What the parser is given: a file of a known type, or what a document reader has made of one. */
export type DocumentForm = MediaType | ReaderReply;

/** Stands between two pages of a Docling answer, because it was asked to put it there. */
export const pageBreak = '<!-- gt:page-break -->';
