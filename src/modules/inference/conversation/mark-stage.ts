import { AnswerPart, eventPart } from '../call/answer-part.js';
import type { Pass, Stage } from '../call/stage.js';
import { readObject } from '../wire/json-body.js';
import { spliceBody } from '../wire/json-edit.js';
import { isFields } from '../../../kernel/fields.js';

/**
 * Gives a reply its member `gt`: what was added to the question, and where it belongs. In a stream the last chunk has it:
 * once a choice has finished the newest event is held until the end.
 */
export class MarkStage implements Stage {
  private hasFinished = false;
  private held: AnswerPart | undefined;

  /** @param mark the value of `gt`. */
  constructor(private readonly mark: Readonly<Record<string, unknown>>) {}

  event(part: AnswerPart, pass: Pass): void {
    this.hasFinished ||= finishes(part.value);
    if (!this.hasFinished) {
      pass(part);
      return;
    }
    if (this.held !== undefined) pass(this.held);
    this.held = part;
  }

  end(pass: Pass): void {
    if (this.held !== undefined) pass(eventPart(this.marked(this.held.json)));
  }

  reply(part: AnswerPart): AnswerPart {
    return new AnswerPart(this.marked(part.bytes));
  }

  seal(): void {
    // Nothing is kept of a mark.
  }

  abandon(): void {
    this.held = undefined;
  }

  private marked(json: Buffer): Buffer {
    const body = readObject(json);
    if (!body.ok) return json;
    const { scan, bytes } = body;
    const marked = spliceBody(bytes, scan, [{ op: 'set', key: 'gt', value: Buffer.from(JSON.stringify(this.mark)) }]);
    return marked.subarray(scan.start);
  }
}

/** True for a chunk in which a choice, whichever, has its `finish_reason`. */
function finishes(chunk: unknown): boolean {
  if (!isFields(chunk) || !Array.isArray(chunk['choices'])) return false;
  return (chunk['choices'] as unknown[]).some(
    (choice) => isFields(choice) && typeof choice['finish_reason'] === 'string' && choice['finish_reason'] !== '',
  );
}
