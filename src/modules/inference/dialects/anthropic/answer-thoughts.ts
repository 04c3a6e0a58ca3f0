import type { Fields } from '../../../../kernel/fields.js';
import { thoughtsMember } from './thought-blocks.js';

/** What a model thought in one answer: in words for the client, and in blocks that the provider wants back. */
export class AnswerThoughts {
  private readonly blocks: Fields[] = [];
  private hasWords = false;
  private isNext = false;

  /** A further block of words begins: they stand in a line of their own. */
  begin(): void {
    this.isNext = this.hasWords;
  }

  /** The words as the client gets them. */
  words(text: string): string {
    const line = this.isNext ? `\n${text}` : text;
    this.isNext = false;
    this.hasWords = true;
    return line;
  }

  /** A block that is whole. @returns the member of a delta that tells it. */
  add(block: Fields): Fields {
    const told = { index: this.blocks.length, ...block };
    this.blocks.push(told);
    return { [thoughtsMember]: [told] };
  }

  /** All blocks, as a member; undefined where there are none. */
  get all(): Fields | undefined {
    return this.blocks.length === 0 ? undefined : { [thoughtsMember]: this.blocks };
  }
}
