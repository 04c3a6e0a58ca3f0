import type { Fields } from '../../src/kernel/fields.js';
import { EventTexts, type TextFilter } from '../../src/modules/inference/guardrails/event-texts.js';

/** Holds back the last five characters of a text, and says the rest in capitals. */
class Slow implements TextFilter {
  private held = '';

  push(piece: string): string {
    const text = this.held + piece;
    this.held = text.slice(-5);
    return text.slice(0, -5).toUpperCase();
  }

  end(): string {
    return this.held.toUpperCase();
  }
}

export const texts = (): EventTexts => new EventTexts(() => new Slow(), true);
export const chunk = (delta: object, finish_reason: string | null = null, index = 0): Fields => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  choices: [{ index, delta, finish_reason }],
});

/** All that stands at a place, over all events. */
export function saidAt(events: readonly Fields[], read: (event: Fields) => unknown): string {
  return events.map((event) => (read(event) as string | undefined) ?? '').join('');
}
