import { leftOutHeader } from '../../../contracts/wires.js';
import type { Fields } from '../../../kernel/fields.js';
import type { StreamedAnswer } from '../call/answer.js';
import type { CallPlan } from '../call/call-plan.js';
import { askedParam, type MemberName } from '../call/member-names.js';
import { readPlannedJson } from '../call/planned-json.js';
import { printExact } from '../wire/exact-json.js';
import { contentElsewhere, triedOut, type ReplaceableAddress } from './fetched-contents.js';
import { DialectAnswer, DialectEmbeddingsAnswer } from './dialect-answer.js';
import type { ChatDialect, DialectAsked, DialectRequest, EmbeddingsDialect } from '../dialects/dialect.js';

/** Beyond the request itself, what a dialect is told of a call. */
export type CallAsked = Omit<DialectAsked, 'stream'>;

/** A call that was planned for a provider of chat, with the members of its body. */
export interface PlannedChat {
  readonly plan: CallPlan;
  readonly chat: Fields;
  /** Those of its addresses whose contents the provider is to be given. */
  readonly addresses: readonly ReplaceableAddress[];
}

/**
 * The call in the words of its provider.
 * @param base the path of the connection's base URL.
 * @throws AppError unsupported_parameter, invalid_value.
 */
export function chatOverDialect(planned: PlannedChat, dialect: ChatDialect, base: string, asked: CallAsked): CallPlan {
  const { plan, chat, addresses } = planned;
  const { answer } = plan;
  if (answer.shape === 'bytes') throw new Error('The answer to a chat is JSON.');
  const request = (said: Fields): DialectRequest => dialect.request(said, { ...asked, stream: plan.streamed !== undefined });
  const told = request(triedOut(chat, addresses));
  const spoken = new DialectAnswer(answer as StreamedAnswer, () => dialect.reader(chat), plan.publishedName);
  return {
    ...planOf(plan, told, base),
    memberNames: throughBoth(dialect.memberNames, plan.memberNames ?? []),
    answer: spoken,
    streamed: plan.streamed && spoken,
    answeredCalls: offersTools(chat) ? () => spoken.calls : undefined,
    elsewhere: contentElsewhere(plan, chat, addresses, (filled) => Buffer.from(printExact(request(filled).body))),
  };
}

function offersTools({ tools }: Fields): boolean {
  return Array.isArray(tools) && tools.length > 0;
}

/** The same for embeddings. */
export function embeddingsOverDialect(
  plan: CallPlan,
  dialect: EmbeddingsDialect,
  base: string,
  asked: Pick<DialectAsked, 'path'>,
): CallPlan {
  const { answer } = plan;
  if (answer.shape === 'bytes') throw new Error('The answer to a request for embeddings is JSON.');
  const told = dialect.request(readPlannedJson(plan, 'input'), asked);
  return {
    ...planOf(plan, told, base),
    answer: new DialectEmbeddingsAnswer(answer, (given) => dialect.whole(given), plan.publishedName),
  };
}

/** The call, with the hints of which only the answer tells that they were left out. */
export function withHintsOfAnswer(plan: CallPlan): CallPlan {
  const known = plan.replyHeaders?.[leftOutHeader]?.split(', ') ?? [];
  return {
    ...plan,
    answerHeaders: ({ [leftOutHeader]: told }): Record<string, string> =>
      typeof told === 'string' ? { [leftOutHeader]: [...new Set([...known, ...told.split(', ')])].join(', ') } : {},
  };
}

function planOf(plan: CallPlan, { path, body, leftOut }: DialectRequest, base: string): CallPlan {
  return {
    ...plan,
    path: pathBelow(base, path),
    body: Buffer.from(printExact(body)),
    inputMoved: true,
    replyHeaders: { ...plan.replyHeaders, ...(leftOut.length === 0 ? {} : { [leftOutHeader]: leftOut.join(', ') }) },
  };
}

/** A path below that of the connection's base URL. */
export function pathBelow(base: string, path: string): string {
  return `${base}${path}`.replace(/\/{2,}/g, '/');
}

/** What the client calls members of the provider's wire, which are members of chat in between. */
function throughBoth(inner: readonly MemberName[], outer: readonly MemberName[]): readonly MemberName[] {
  return [...inner.map(({ sent, asked }) => ({ sent, asked: askedParam(asked, outer) })), ...outer];
}
