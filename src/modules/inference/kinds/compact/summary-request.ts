import { isFields, type Fields } from '../../../../kernel/fields.js';
import { saysError } from '../../../provider-answers/answer-fault.js';
import type { Answer, WholeReply } from '../../call/answer.js';
import type { Additions } from '../../call/dialogue.js';
import { readProvider } from '../../call/provider-json.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { plainOf, printExact } from '../../wire/exact-json.js';
import { findMember } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { readUsage } from '../../wire/usage-tokens.js';
import { summaryContent, summaryInstruction } from '../chat/compaction.js';
import { newItemId } from '../responses/response-ids.js';
import { changesOf, toldItems } from '../responses/sent-unchanged.js';
import type { AskedResponse } from '../responses/sent-request.js';
import { compactionObject } from './own-compaction.js';

/** Members that say how an answer is to be, which a summary is not. */
const ofAnswers = ['stream', 'stream_options', 'text', 'max_output_tokens', 'include', 'top_logprobs'] as const;

/** A request for a summary, for a provider that speaks Responses and makes no compactions. */
export function summaryRequest(response: AskedResponse, additions: Additions): Buffer {
  const { bytes, scan } = response.asked.body;
  const { items } = toldItems(response, additions);
  const input = Buffer.from(printExact([...items, { role: 'user', content: summaryInstruction }]));
  const changed = new Map<string, Edit>(changesOf(response, input).map((edit) => [edit.key, edit]));
  for (const key of ofAnswers) {
    changed.delete(key);
    if (findMember(scan, key) !== undefined) changed.set(key, { op: 'remove', key });
  }
  if (findMember(scan, 'tools')?.kind === 'array')
    changed.set('tool_choice', { op: 'set', key: 'tool_choice', value: Buffer.from('"none"') });
  return spliceBody(bytes, scan, [...changed.values()]);
}

/** The answer to it: what the user has said, and the summary behind it, sealed by the platform. */
export class SummaryAnswer implements Answer {
  /** @param users the user's messages. */
  constructor(
    private readonly response: AskedResponse,
    private readonly users: readonly Fields[],
  ) {}

  reply(bytes: Buffer): WholeReply {
    const given = readProvider(bytes);
    if (saysError(given) || given['status'] === 'failed') throw wrongAnswer('the response tells an error');
    const summary = textOf(given['output']);
    if (summary.trim() === '') throw wrongAnswer('it has no summary');
    const encrypted_content = this.response.seals.seal('compaction', summaryContent(summary));
    const item = { id: newItemId('compaction'), type: 'compaction', encrypted_content };
    return {
      bytes: compactionObject([...this.users, item], given['usage'] ?? null),
      tokens: readUsage(plainOf(given['usage'])),
    };
  }

  flow(): undefined {
    return undefined;
  }
}

function textOf(output: unknown): string {
  if (!Array.isArray(output)) return '';
  return (output as unknown[])
    .filter(isFields)
    .flatMap(({ content }) => (Array.isArray(content) ? (content as unknown[]).filter(isFields) : []))
    .map(({ type, text }) => (type === 'output_text' && typeof text === 'string' ? text : ''))
    .join('');
}
