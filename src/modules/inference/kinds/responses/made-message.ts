import type { Fields } from '../../../../kernel/fields.js';
import type { Citations } from './citations.js';
import type { MadeEvents } from './made-events.js';
import { messageOf, partOf, partPlace, type OpenMessage } from './open-items.js';

/** Tells a message of the output while its texts and refusals come. */
export class MadeMessage {
  private open: OpenMessage | undefined;
  /** Log probabilities that came without a text: they belong to the next one, or to the part that ends. */
  private readonly heldLogprobs: unknown[] = [];

  /** @param citations of files, in its texts. */
  constructor(
    private readonly events: MadeEvents,
    private readonly citations: Citations,
  ) {}

  get isOpen(): boolean {
    return this.open !== undefined;
  }

  holdLogprobs(logprobs: readonly unknown[]): void {
    this.heldLogprobs.push(...logprobs);
  }

  say(type: 'output_text' | 'refusal', text: string): void {
    const open = (this.open ??= this.begin());
    let part = open.parts.at(-1);
    if (part?.type !== type) {
      if (part !== undefined) this.closePart(open);
      part = { type, text: '', logprobs: [] };
      open.parts.push(part);
      this.events.tell('response.content_part.added', { ...partPlace(open), part: partOf(part) });
    }
    part.text += text;
    const told: Fields = { ...partPlace(open), delta: text };
    if (type === 'refusal') {
      this.events.tell('response.refusal.delta', told);
      return;
    }
    const logprobs = this.heldLogprobs.splice(0);
    part.logprobs.push(...logprobs);
    this.events.tell('response.output_text.delta', { ...told, logprobs });
    for (const { annotation, index } of this.citations.take(open.id, open.parts.length - 1, text))
      this.events.tell('response.output_text.annotation.added', { ...partPlace(open), annotation_index: index, annotation });
  }

  /** Makes the message whole, where one is open. @param isCut it ended before all was said. */
  close(isCut: boolean): void {
    const { open } = this;
    if (open === undefined) return;
    this.open = undefined;
    this.closePart(open);
    const message = messageOf(open.id, isCut ? 'incomplete' : 'completed', open.parts.map(partOf));
    this.events.whole(open, this.citations.message(message));
  }

  private begin(): OpenMessage {
    const open = { ...this.events.open('message'), parts: [] };
    this.events.added(open, messageOf(open.id, 'in_progress', []));
    return open;
  }

  private closePart(open: OpenMessage): void {
    const part = open.parts.at(-1);
    if (part === undefined) return;
    if (part.type === 'output_text') part.logprobs.push(...this.heldLogprobs.splice(0));
    const told = part.type === 'output_text' ? { text: part.text, logprobs: part.logprobs } : { refusal: part.text };
    this.events.tell(`response.${part.type}.done`, { ...partPlace(open), ...told });
    const cited = this.citations.part(open.id, open.parts.length - 1, partOf(part));
    this.events.tell('response.content_part.done', { ...partPlace(open), part: cited });
  }
}
