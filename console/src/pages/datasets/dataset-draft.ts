import type { Body, Item } from '../../api/call.js';

export type Dataset = Item<'datasets.list'>;

/** The settings of a dataset as a form holds them. */
export interface DatasetDraft {
  alias: string;
  name: string;
  connection: string;
  model: string;
  chunkTokens: number;
  overlapTokens: number;
  hiddenSheets: boolean;
  /** Parted by commas or blanks. */
  ocrLanguages: string;
}

export const newDraft: DatasetDraft = {
  alias: '',
  name: '',
  connection: '',
  model: '',
  chunkTokens: 512,
  overlapTokens: 64,
  hiddenSheets: false,
  ocrLanguages: '',
};

export const draftOf = (of: Dataset): DatasetDraft => ({
  alias: of.alias,
  name: of.name,
  connection: of.embedding.connection,
  model: of.embedding.model,
  chunkTokens: of.chunk_tokens,
  overlapTokens: of.overlap_tokens,
  hiddenSheets: of.hidden_sheets,
  ocrLanguages: of.ocr_languages.join(', '),
});

/** The same in the words of the platform. */
export const fieldsOf = (draft: DatasetDraft): Body<'datasets.create'> => ({
  alias: draft.alias.trim(),
  name: draft.name.trim(),
  embedding: { connection: draft.connection, model: draft.model.trim() },
  chunk_tokens: draft.chunkTokens,
  overlap_tokens: draft.overlapTokens,
  hidden_sheets: draft.hiddenSheets,
  ocr_languages: draft.ocrLanguages.split(/[\s,]+/).filter((one) => one !== ''),
});

/** The fields that show their own faults. */
export const faultFields = ['alias', 'name', 'embedding', 'chunk_tokens', 'overlap_tokens', 'ocr_languages'];
