import type { Fields } from '../../../../kernel/fields.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { AnswerCollector } from '../chat/chat-answer.js';
import type { ChatMachine } from './chat-machine.js';
import { newItemId } from './response-ids.js';
import type { ResponseSaid } from './response-said.js';

/**
 * Makes of a summary that a chat provider tells a response whose output is one compaction. Nothing of the summary is shown:
 * its item comes, sealed, when it is whole.
 */
export class ChatToCompaction implements ChatMachine {
  private readonly collector = new AnswerCollector();
  private sequence = -1;
  private begun = false;
  readonly status = 'completed';

  /** @param seal makes the summary a text that the client brings back. */
  constructor(
    private readonly said: ResponseSaid,
    private readonly frame: Fields,
    private readonly seal: (summary: string) => string,
  ) {}

  get newest(): number {
    return this.sequence;
  }

  get hasBegun(): boolean {
    return this.begun;
  }

  get started(): Fields {
    return { ...this.frame, status: 'in_progress', output: [], usage: null };
  }

  take(chunk: Fields): Fields[] {
    this.collector.add(chunk);
    if (this.begun) return [];
    this.begun = true;
    return [
      this.event('response.created', { response: this.started }),
      this.event('response.in_progress', { response: this.started }),
    ];
  }

  /** @throws AppError upstream_error where the provider told no summary. */
  finish(): Fields[] {
    const summary = this.collector.answer()?.text ?? '';
    if (summary.trim() === '') throw wrongAnswer('it has no summary');
    const item = { id: newItemId('compaction'), type: 'compaction', encrypted_content: this.seal(summary) };
    return [
      this.event('response.output_item.added', { output_index: 0, item }),
      this.event('response.output_item.done', { output_index: 0, item: this.said.keep(0, item) }),
    ];
  }

  response(usage: unknown): Fields {
    return {
      ...this.frame,
      status: this.status,
      completed_at: Math.floor(Date.now() / 1000),
      incomplete_details: null,
      output: this.said.items.map(({ json }) => JSON.parse(json) as Fields),
      usage,
    };
  }

  lastNumber(): number {
    return this.sequence + 1;
  }

  private event(type: string, members: Fields): Fields {
    this.sequence += 1;
    return { type, sequence_number: this.sequence, ...members };
  }
}
