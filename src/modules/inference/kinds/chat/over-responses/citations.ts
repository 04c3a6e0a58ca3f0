import { isFields, type Fields } from '../../../../../kernel/fields.js';

/** What a text of a response cites of the web, in the form of chat. @param offset where the text begins in the whole content. */
export function citationsOf(annotations: unknown, offset: number): Fields[] {
  if (!Array.isArray(annotations)) return [];
  return (annotations as unknown[]).filter(isFields).flatMap((annotation): Fields[] => {
    const { type, start_index: start, end_index: end, url, title } = annotation;
    if (type !== 'url_citation') return [];
    const moved = { start_index: Number(start) + offset, end_index: Number(end) + offset };
    return [{ type, url_citation: { ...moved, url, title } }];
  });
}

/** The citations of texts that stand behind each other in one content. */
export function citationsOfTexts(texts: readonly Fields[]): Fields[] {
  let offset = 0;
  return texts.flatMap(({ text, annotations }) => {
    const found = citationsOf(annotations, offset);
    offset += typeof text === 'string' ? text.length : 0;
    return found;
  });
}
