import type { Modality } from '../../../contracts/scopes.js';
import { unsupported } from '../call/request-body.js';
import type { StreamedAnswer } from '../call/answer.js';
import type { AnswerChoice, CallPlan } from '../call/call-plan.js';
import type { TextFilter } from './event-texts.js';
import { GuardedAnswer, GuardedStreamedAnswer } from './guarded-answer.js';

/** Models that say texts. */
const speaking: ReadonlySet<Modality> = new Set(['chat', 'transcribe']);

/**
 * A call whose answer is judged. Sound, images, vectors and judgements say nothing.
 * @param open makes the judgement of a text.
 * @throws AppError unsupported_parameter for an answer in a form that cannot be judged.
 */
export function guardedPlan(plan: CallPlan, open: () => TextFilter): CallPlan {
  if (plan.counted !== undefined || !speaking.has(plan.kind.modality)) return plan;
  const { decidedLater } = plan;
  const choice = guardedChoice(plan, open);
  return decidedLater === undefined
    ? { ...plan, ...choice }
    : { ...plan, ...choice, decidedLater: () => ({ ...decidedLater(), ...guardedChoice(decidedLater(), open) }) };
}

function guardedChoice({ answer, streamed }: AnswerChoice, open: () => TextFilter): Pick<AnswerChoice, 'answer' | 'streamed'> {
  if (answer.shape === 'bytes')
    throw unsupported('response_format', "The content policy of this API key judges answers: ask for 'json'.");
  if (streamed === undefined) return { answer: new GuardedAnswer(answer, open), streamed: undefined };
  const both = new GuardedStreamedAnswer(streamed as StreamedAnswer, open);
  return { answer: both, streamed: both };
}
