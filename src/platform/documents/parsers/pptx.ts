import { cleanText } from '../clean-text.js';
import { withoutDataUris } from '../data-uris.js';
import { readXmlPart, relationshipsOf } from '../office-package.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { prefixedAttribute } from '../xml-reader.js';
import type { ZipArchive } from '../zip-archive.js';
import { SlideText } from './slide-text.js';

/** PPTX: every slide in its order with tables, drawn diagrams and the speaker's notes; its title is the heading. */
export async function* parsePptx(archive: ZipArchive, mainPart: string, input: ParserInput): AsyncGenerator<Section> {
  const related = await relationshipsOf(archive, mainPart);
  const slides: string[] = [];
  await readXmlPart(archive, mainPart, {
    open: (name, attributes) => {
      const relation = name === 'sldId' ? related.get(prefixedAttribute(attributes, 'id') ?? '') : undefined;
      if (relation?.type === 'slide') slides.push(relation.target);
    },
  });
  for (const [index, part] of slides.entries()) {
    const { text, title } = await readSlide(archive, part);
    const heading = title === '' ? {} : { heading: title };
    if (text !== '') yield { text: withoutDataUris(cleanText(`${text}\n\n`)), source: { slide: index + 1, ...heading } };
    input.onProgress((100 * (index + 1)) / slides.length);
  }
}

async function readSlide(archive: ZipArchive, part: string): Promise<{ text: string; title: string }> {
  const slide = new SlideText();
  await readXmlPart(archive, part, slide);
  const paragraphs = [slide.lines.join('\n')];
  for (const { type, target } of (await relationshipsOf(archive, part)).values()) {
    if (!['diagramData', 'notesSlide'].includes(type) || !archive.has(target)) continue;
    const more = new SlideText();
    await readXmlPart(archive, target, more);
    paragraphs.push(more.lines.join('\n'));
  }
  return { text: paragraphs.filter((paragraph) => paragraph !== '').join('\n\n'), title: slide.title };
}
