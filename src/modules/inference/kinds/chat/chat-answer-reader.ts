import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { NewItem } from '../../../conversations/item-form.js';
import { AnswerPart, eventPart } from '../../call/answer-part.js';
import type { DialogueAnswer } from '../../call/dialogue.js';
import { readObject } from '../../wire/json-body.js';
import { spliceBody } from '../../wire/json-edit.js';
import { AnswerCollector } from '../../chunks/chat-answer.js';
import { itemsOfAnswer } from './chat-to-items.js';

/** Reads a chat answer for the conversation that keeps it. */
export class ChatAnswerReader implements DialogueAnswer {
  private readonly collector = new AnswerCollector();

  /** @param connection the one that the answer comes from: further members of it are meant for its provider. */
  constructor(private readonly connection: string) {}

  get characters(): number {
    return this.collector.characters;
  }

  add(part: AnswerPart): void {
    this.collector.add(part.exact);
  }

  items(): NewItem[] | undefined {
    const answer = this.collector.answer();
    return answer === undefined ? undefined : itemsOfAnswer(answer, this.connection);
  }

  kept(): undefined {
    return undefined;
  }
}

/** True for a chunk in which a choice, whichever, has its `finish_reason`. */
export function finishes(chunk: unknown): boolean {
  if (!isFields(chunk) || !Array.isArray(chunk['choices'])) return false;
  return (chunk['choices'] as unknown[]).some(
    (choice) => isFields(choice) && typeof choice['finish_reason'] === 'string' && choice['finish_reason'] !== '',
  );
}

/** A chunk or a reply with the member `gt`; what cannot be read stays as it is. */
export function marked(part: AnswerPart, mark: Fields): AnswerPart {
  const body = readObject(part.json);
  if (!body.ok) return part;
  const { scan, bytes } = body;
  const json = spliceBody(bytes, scan, [{ op: 'set', key: 'gt', value: Buffer.from(JSON.stringify(mark)) }]);
  const read = json.subarray(scan.start);
  return part.isEvent ? eventPart(read) : new AnswerPart(read);
}
