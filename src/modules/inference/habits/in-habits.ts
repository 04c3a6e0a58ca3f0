import type { ConnectionHabits } from '../../../contracts/connection-habits.js';
import { leftOutHeader } from '../../../contracts/wires.js';
import { AppError } from '../../../kernel/app-error.js';
import { compactPath } from '../call/compact-path.js';
import type { CallPlan } from '../call/call-plan.js';
import { spliceBody, type Edit } from '../wire/json-edit.js';
import { scanObject, type ScannedMember } from '../wire/json-scan.js';
import { isJsonBlank } from './json-blank.js';
import { GatheredAnswer } from './gathered-answer.js';

const lengths = ['max_tokens', 'max_output_tokens', 'max_completion_tokens'];
const yes = Buffer.from('true');
const no = Buffer.from('false');
const usageToo = Buffer.from('{"include_usage":true}');

/** What a body asks for, in which of OpenAI's forms. */
type Form = 'chat' | 'responses' | 'compact';

/**
 * The call with what its provider wants beyond its wire: what must stand in the request stands there, what it refuses does
 * not, and a provider that only streams is asked for a stream, of which a plain reply is put together.
 * @throws AppError invalid_request.
 */
export function inHabits(plan: CallPlan): CallPlan {
  const { habits } = plan.target.connection;
  const form = formOf(plan);
  const { otherwise, body, answer } = plan;
  if (habits === null || !changesBodies(habits) || form === undefined) return plan;
  if (plan.counted !== undefined || !Buffer.isBuffer(body)) return plan;
  const isGathered = habits.stream_only && plan.streamed === undefined && answer.shape !== 'bytes';
  const told = inForm(body, form, habits, isGathered);
  const other = (made: NonNullable<CallPlan['otherwise']>) => ({
    ...made,
    body: () => inForm(made.body(), 'responses', habits, isGathered).body,
  });
  return {
    ...plan,
    body: told.body,
    ...(otherwise === undefined ? {} : { otherwise: other(otherwise) }),
    answer: isGathered ? new GatheredAnswer(answer, form === 'chat' ? 'chat' : 'responses') : answer,
    replyHeaders: { ...plan.replyHeaders, ...leftOut(plan, told.dropped) },
  };
}

/** Headers and lists of models leave the body as it is: it need not be read. */
function changesBodies({
  instructions,
  no_length: noLength,
  stream_only: streamOnly,
  no_store: noStore,
}: ConnectionHabits): boolean {
  return instructions !== null || noLength || streamOnly || noStore;
}

function formOf({ path, target }: CallPlan): Form | undefined {
  const { paths } = target;
  if (target.connection.dialect !== undefined) return undefined;
  if (path === paths.responses) return 'responses';
  if (path === paths.chat) return 'chat';
  return path === compactPath(paths.responses) ? 'compact' : undefined;
}

function inForm(
  body: Buffer,
  form: Form,
  habits: ConnectionHabits,
  streams: boolean,
): { readonly body: Buffer; readonly dropped: readonly string[] } {
  const scan = scanObject(body);
  if (!scan.ok) throw new AppError('invalid_request', { message: scan.message });
  const memberOf = (key: string): ScannedMember | undefined => scan.members.find((member) => member.key === key);
  const edits: Edit[] = [];
  const set = (key: string, value: Buffer): unknown => edits.push({ op: 'set', key, value });
  const dropped = habits.no_length ? lengths.filter((key) => memberOf(key) !== undefined) : [];
  for (const key of dropped) edits.push({ op: 'remove', key });
  if (form !== 'chat' && habits.instructions !== null && isBlank(body, memberOf('instructions')))
    set('instructions', Buffer.from(JSON.stringify(habits.instructions)));
  if (habits.no_store && form !== 'compact') set('store', no);
  if (streams && form !== 'compact') set('stream', yes);
  if (streams && form === 'chat') set('stream_options', usageToo);
  return { body: spliceBody(body, scan, edits), dropped };
}

function isBlank(body: Buffer, member: ScannedMember | undefined): boolean {
  return member === undefined || isJsonBlank(body.subarray(member.valueStart, member.valueEnd));
}

function leftOut(plan: CallPlan, dropped: readonly string[]): Readonly<Record<string, string>> {
  const told = plan.replyHeaders?.[leftOutHeader];
  const asked = plan.memberNames ?? [];
  const names = dropped.map((key) => asked.find(({ sent }) => sent === key)?.asked ?? key);
  const all = [...(told === undefined ? [] : [told]), ...names];
  return names.length === 0 ? {} : { [leftOutHeader]: all.join(', ') };
}
