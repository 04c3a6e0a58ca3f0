import type { Fields } from '../../../../kernel/fields.js';
import type { OpenCall } from '../../chunks/open-calls.js';
import type { MadeEvents } from './made-events.js';
import { summaryOf, summaryText, type OpenItem } from './open-items.js';
import { Thoughts, type ThoughtContent } from '../chat/thoughts.js';

type OpenReasoning = OpenItem & { text: string };

/** Tells what the model thinks as items of the output, and seals what its provider wants back. */
export class MadeReasoning {
  private readonly thoughts = new Thoughts();
  private open: OpenReasoning | undefined;

  /** @param seal makes what the model thought a text that the client brings back. */
  constructor(
    private readonly events: MadeEvents,
    private readonly seal: (thoughts: ThoughtContent) => string,
  ) {}

  /** Takes what a message, or a piece of one, holds of thoughts. Their words are told by `think`. */
  take(said: Fields): void {
    this.thoughts.take(said);
  }

  /** Takes what a call holds of thoughts by now. */
  takeCall(callId: string, call: OpenCall): void {
    this.thoughts.takeCall(callId, call);
  }

  think(text: string): void {
    const { events } = this;
    let { open } = this;
    if (open === undefined) {
      open = this.open = this.begin();
      events.tell('response.reasoning_summary_part.added', { ...summaryOf(open), part: summaryText('') });
    }
    open.text += text;
    events.tell('response.reasoning_summary_text.delta', { ...summaryOf(open), delta: text });
  }

  /** Makes the item whole. Thoughts that the provider tells in no words for people, such as a signature, are one too. */
  close(): void {
    const { events, thoughts } = this;
    const open = this.open ?? (thoughts.isEmpty ? undefined : this.begin());
    if (open === undefined) return;
    this.open = undefined;
    const { id, text } = open;
    if (text !== '') {
      events.tell('response.reasoning_summary_text.done', { ...summaryOf(open), text });
      events.tell('response.reasoning_summary_part.done', { ...summaryOf(open), part: summaryText(text) });
    }
    const summary = text === '' ? [] : [summaryText(text)];
    events.whole(open, { id, type: 'reasoning', summary, encrypted_content: this.seal(thoughts.taken()) });
  }

  private begin(): OpenReasoning {
    const open = { ...this.events.open('reasoning'), text: '' };
    this.events.added(open, { id: open.id, type: 'reasoning', summary: [] });
    return open;
  }
}
