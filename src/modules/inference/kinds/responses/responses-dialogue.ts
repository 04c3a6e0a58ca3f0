import type { Fields } from '../../../../kernel/fields.js';
import { isFields } from '../../../../kernel/fields.js';
import type { NewItem } from '../../../conversations/item-form.js';
import { AnswerPart } from '../../call/answer-part.js';
import type { DialogueAnswer, KeptAnswer } from '../../call/dialogue.js';
import { findMember, readObject } from '../../wire/json-body.js';
import { spliceBody } from '../../wire/json-edit.js';
import type { ResponseSaid } from './response-said.js';
import { eventBytes } from '../../wire/typed-event.js';

/** What a response adds to its conversation, and what is kept of it: read where it was written. */
export class ResponsesAnswerReader implements DialogueAnswer {
  /** @param source gives what was said, once the call is planned. */
  constructor(private readonly source: () => ResponseSaid | undefined) {}

  get characters(): number {
    return this.source()?.characters ?? 0;
  }

  add(): void {
    // All of it is noted where it is made.
  }

  items(): NewItem[] | undefined {
    const said = this.source();
    return said?.end === undefined ? undefined : said.items.map(({ json }) => JSON.parse(json) as NewItem);
  }

  kept(): KeptAnswer | undefined {
    const said = this.source();
    if (said?.end === undefined || !said.frame.store) return undefined;
    const { end, items, ids, frame } = said;
    const wasQueued = frame.queued !== undefined;
    return { id: ids.response, model: frame.model, status: end.status, wasQueued, object: end.object, output: items };
  }
}

/** The last text of the user in an input. */
export function questionOf(input: string | readonly Fields[]): string {
  if (typeof input === 'string') return input;
  const message = input.findLast((item) => item['role'] === 'user');
  const content = message?.['content'];
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .map((part) => (isFields(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .filter((text) => text !== '')
    .join('\n');
}

/** The reply, or the last event's response, with the member `gt`. */
export function markedResponse(part: AnswerPart, mark: Fields): AnswerPart {
  const body = readObject(part.json);
  if (!body.ok) return part;
  const value = Buffer.from(JSON.stringify(mark));
  if (!part.isEvent) return new AnswerPart(spliceBody(body.bytes, body.scan, [{ op: 'set', key: 'gt', value }]));
  const member = findMember(body.scan, 'response');
  if (member === undefined) return part;
  const response = readObject(body.bytes.subarray(member.valueStart, member.valueEnd));
  if (!response.ok) return part;
  const marked = spliceBody(response.bytes, response.scan, [{ op: 'set', key: 'gt', value }]);
  const json = spliceBody(body.bytes, body.scan, [{ op: 'set', key: 'response', value: marked }]);
  return new AnswerPart(eventBytes(typeOf(part), json));
}

function typeOf(part: AnswerPart): string {
  const { value } = part;
  return isFields(value) ? String(value['type']) : 'message';
}
