import type { PromptPolicy } from '../../../contracts/prompt-policy.js';
import type { CallPlan } from './call-plan.js';
import type { ReplySink } from './reply-sink.js';

/** What the guardrails of its key have made of a request, and what they do with the rest of its call. */
export interface GuardedInput {
  /** The policy by which the request was judged. */
  readonly policy: PromptPolicy;
  /**
   * Judges a text that is put into the call besides, such as a file's; gives what may be sent of it.
   * @throws AppError content_policy for a text that is refused.
   */
  text(text: string): Promise<string>;
  /** A call whose answer is judged too, where the policy says so; as planned for OpenAI's own wire. @throws AppError */
  answered(plan: CallPlan): CallPlan;
  /** The client's sink, or one that puts its own masked values back, where the policy says so. */
  restoring(sink: ReplySink): ReplySink;
}
