import type { PromptPolicy } from '../../../contracts/prompt-policy.js';
import { inSlices } from '../../../kernel/steps.js';
import type { CallPlan } from '../call/call-plan.js';
import type { GuardedInput } from '../call/guarded-input.js';
import type { ReplySink } from '../call/reply-sink.js';
import { textsOf } from './counted-texts.js';
import { judgeBody, judgeText } from './guarded-body.js';
import { guardedPlan } from './guarded-plan.js';
import type { MatchTime } from './match-time.js';
import { moderatedTexts } from './moderated-texts.js';
import type { Moderation } from './moderation.js';
import { longestMatch } from './pattern-finder.js';
import { longestValue } from './personal-data.js';
import type { Placeholders } from './placeholders.js';
import type { PolicyRules } from './policy-rules.js';
import { RestoringSink } from './restoring-sink.js';
import { TextJudge } from './text-judge.js';
import { TokenAllowance } from './token-allowance.js';

/** What is judged with. */
export interface JudgedBy {
  readonly policy: PromptPolicy;
  readonly rules: PolicyRules;
  readonly tenantId: string;
  /** Of what the client has sent. */
  readonly placeholders: Placeholders;
  /** Of what the model says by itself. */
  readonly spoken: Placeholders;
  readonly moderation: Moderation | undefined;
  /** What matching patterns takes, of all calls of the tenant. */
  readonly time: MatchTime;
}

/** What is held back of an answer that is judged while it comes. */
const heldOfAnswers = longestMatch;

/** The judgement of one request, and of all that belongs to its call. */
export class JudgedInput implements GuardedInput {
  private readonly judge: TextJudge;
  private readonly allowance: TokenAllowance | undefined;

  constructor(private readonly by: JudgedBy) {
    const { rules, placeholders, tenantId } = by;
    this.judge = new TextJudge(rules.input, placeholders, {
      side: 'request',
      hold: longestValue,
      time: by.time,
    });
    if (rules.mostTokens !== undefined) this.allowance = new TokenAllowance(tenantId, rules.mostTokens);
  }

  get policy(): PromptPolicy {
    return this.by.policy;
  }

  get placeholders(): Placeholders {
    return this.by.placeholders;
  }

  /** A JSON body as it may be sent. @throws AppError content_policy, invalid_request, upstream_error. */
  async body(given: Buffer): Promise<Buffer> {
    const judged = await inSlices(judgeBody(given, this.judge));
    const { bytes, textBytes, tokens } = judged;
    await this.allowance?.take(textBytes, tokens, () => inSlices(textsOf(given, judged)));
    await this.by.moderation?.judge(await inSlices(moderatedTexts(bytes)));
    return bytes;
  }

  async text(text: string): Promise<string> {
    const judged = await inSlices(judgeText(text, this.judge));
    const body = (input: string): Buffer => Buffer.from(JSON.stringify({ input }));
    await this.allowance?.take(Buffer.byteLength(text), 0, () => Promise.resolve(body(text)));
    const { moderation } = this.by;
    if (moderation !== undefined) await moderation.judge(await inSlices(moderatedTexts(body(judged))));
    return judged;
  }

  answered(plan: CallPlan): CallPlan {
    const { rules, spoken, time } = this.by;
    if (rules.output === undefined) return plan;
    const judge = new TextJudge(rules.output, spoken, { side: 'answer', hold: heldOfAnswers, time });
    return guardedPlan(plan, () => judge.read());
  }

  restoring(sink: ReplySink): ReplySink {
    return this.by.rules.restores ? new RestoringSink(sink, this.placeholders) : sink;
  }
}
