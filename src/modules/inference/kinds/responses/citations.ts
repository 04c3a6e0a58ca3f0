import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { CitedFile } from '../../call/file-search.js';
import { CitationMarks, type CitationMark } from './citation-marks.js';

/** More citations one text does not get. */
const mostCitations = 500;

/** An annotation of a text, and its place among those of the text. */
export interface PlacedAnnotation {
  readonly annotation: Fields;
  readonly index: number;
}

/** A text while it comes. */
interface CitedText {
  readonly marks: CitationMarks;
  /** Of each annotation so far, whether it is a citation made here or one of the provider's. */
  readonly order: ('own' | 'given')[];
}

/**
 * The citations of files in the texts of one response: where the model has set the mark of a quotation, the text gets an
 * annotation that names the quotation's file. The mark stays. Numbers of no quotation are words like any others.
 */
export class Citations {
  private readonly texts = new Map<string, CitedText>();

  /** @param files by the numbers of their quotations. */
  constructor(private readonly files: ReadonlyMap<number, CitedFile>) {}

  /** False where nothing can be cited. */
  get areWanted(): boolean {
    return this.files.size > 0;
  }

  /** Takes a piece of a text. @returns the citations that are whole with it. */
  take(item: string, part: number, piece: string): PlacedAnnotation[] {
    if (!this.areWanted) return [];
    const text = this.text(item, part);
    const own = text.order.filter((one) => one === 'own').length;
    return this.citationsOf(text.marks.push(piece), own).map((annotation) => ({
      annotation,
      index: text.order.push('own') - 1,
    }));
  }

  /** The provider gives an annotation itself. @returns its place. */
  given(item: string, part: number): number {
    return this.text(item, part).order.push('given') - 1;
  }

  /** A message whose texts have all their annotations, in the order in which they were told. */
  message(item: Fields): Fields {
    const { content, id, type } = item;
    if (!this.areWanted || type !== 'message' || !Array.isArray(content)) return item;
    const parts = content as unknown[];
    return { ...item, content: parts.map((part, at) => (isFields(part) ? this.part(String(id), at, part) : part)) };
  }

  /** The same for one part of a message. */
  part(item: string, at: number, part: Fields): Fields {
    const { type, text, annotations } = part;
    if (!this.areWanted || type !== 'output_text' || typeof text !== 'string') return part;
    const own = this.citationsOf(new CitationMarks().push(text), 0);
    const given = Array.isArray(annotations) ? (annotations as unknown[]) : [];
    return { ...part, annotations: inOrder(this.texts.get(keyOf(item, at))?.order ?? [], own, given) };
  }

  /** @param before how many the text has already. */
  private citationsOf(marks: readonly CitationMark[], before: number): Fields[] {
    return marks
      .flatMap(({ at, numbers }) =>
        numbers.flatMap((number): Fields[] => {
          const file = this.files.get(number);
          if (file === undefined) return [];
          return [{ type: 'file_citation', index: at, file_id: file.fileId, filename: file.filename }];
        }),
      )
      .slice(0, Math.max(0, mostCitations - before));
  }

  private text(item: string, part: number): CitedText {
    const key = keyOf(item, part);
    let text = this.texts.get(key);
    if (text === undefined) this.texts.set(key, (text = { marks: new CitationMarks(), order: [] }));
    return text;
  }
}

function keyOf(item: string, part: number): string {
  return JSON.stringify([item, part]);
}

/** As they were told; what was not told comes last, the provider's before ours. */
function inOrder(order: CitedText['order'], own: readonly Fields[], given: readonly unknown[]): unknown[] {
  const left = { own: [...own] as unknown[], given: [...given] };
  const told = order.flatMap((whose) => left[whose].splice(0, 1));
  return [...told, ...left.given, ...left.own];
}
