import type { Fields } from '../../../../kernel/fields.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { AnswerCollector } from '../../chunks/chat-answer.js';
import type { ChatMachine } from './chat-machine.js';
import { MadeEvents } from './made-events.js';
import type { ResponseSaid } from './response-said.js';

/**
 * Makes of a summary that a chat provider tells a response whose output is one compaction. Nothing of the summary is shown:
 * its item comes, sealed, when it is whole.
 */
export class ChatToCompaction implements ChatMachine {
  readonly events: MadeEvents;
  readonly status = 'completed';
  private readonly collector = new AnswerCollector();

  /** @param seal makes the summary a text that the client brings back. */
  constructor(
    private readonly said: ResponseSaid,
    private readonly frame: Fields,
    private readonly seal: (summary: string) => string,
  ) {
    this.events = new MadeEvents(said, frame);
  }

  take(chunk: Fields): Fields[] {
    this.collector.add(chunk);
    this.events.begin();
    return this.events.taken();
  }

  /** @throws AppError upstream_error where the provider told no summary. */
  finish(): Fields[] {
    const summary = this.collector.answer()?.text ?? '';
    if (summary.trim() === '') throw wrongAnswer('it has no summary');
    const open = this.events.open('compaction');
    const item = { id: open.id, type: 'compaction', encrypted_content: this.seal(summary) };
    this.events.added(open, item);
    this.events.whole(open, item);
    return this.events.taken();
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
}
