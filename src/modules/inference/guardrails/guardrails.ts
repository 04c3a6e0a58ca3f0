import { Injectable } from '@nestjs/common';
import type { KeyFacts } from '../../../catalog/facts.js';
import { overloaded } from '../../../kernel/app-error.js';
import { inSlices } from '../../../kernel/steps.js';
import { Log } from '../../../observability/log.js';
import { KeyRing } from '../../../platform/secrets/key-ring.js';
import type { Identity } from '../../keys/key-facts.js';
import type { CallDraft } from '../call/call-plan.js';
import type { InferenceKind } from '../call/inference-kind.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { judgeBody } from './guarded-body.js';
import { GuardedForm } from './guarded-form.js';
import { JudgedInput } from './judged-input.js';
import { MatchTimes } from './match-time.js';
import { Moderation, type ModeratedBy } from './moderation.js';
import { longestValue } from './personal-data.js';
import { Placeholders } from './placeholders.js';
import { judgeAlike, rulesOf, type PolicyRules } from './policy-rules.js';
import { TextJudge } from './text-judge.js';

/** What is known of a request's call: its draft, made of the request as it came, and how another call is sent before it. */
export interface Asking {
  readonly kind: InferenceKind;
  readonly draft: CallDraft;
  readonly ask: ModeratedBy['ask'];
}

/**
 * Judges what clients send by the guardrails of their keys, before anything is made of it: what is stored, sent and logged
 * later is what has come through. Calls of keys without guardrails are not looked at.
 */
@Injectable()
export class Guardrails {
  private readonly times = new MatchTimes();

  constructor(
    private readonly ring: KeyRing,
    private readonly log: Log,
  ) {}

  /** True for a request that must be judged first: its key has guardrails, and it was not judged by these. */
  apply({ identity, guarded }: InferenceRequest): boolean {
    const { promptPolicy } = identity.key;
    if (promptPolicy === null || (promptPolicy.guardrails ?? []).length === 0) return false;
    return guarded === undefined || !judgeAlike(guarded.policy, promptPolicy);
  }

  /**
   * The request as it may be sent.
   * @throws AppError content_policy where it may not be sent, invalid_request where it cannot be read, overloaded,
   * upstream_error where it could not be judged.
   */
  async judged(request: InferenceRequest, asking: Asking): Promise<InferenceRequest> {
    const { key } = request.identity;
    const policy = key.promptPolicy ?? {};
    const rules = await rulesOf(policy);
    const digest = this.digestOf(key);
    const guarded = new JudgedInput({
      policy,
      rules,
      tenantId: key.tenantId,
      placeholders: request.guarded instanceof JudgedInput ? request.guarded.placeholders : new Placeholders(digest),
      spoken: new Placeholders(digest),
      moderation: this.moderationOf(rules, request, asking),
      time: this.times.of(key.tenantId),
    });
    const { body, form } = request;
    if (form !== undefined) return { ...request, form: await GuardedForm.of(form, (text) => guarded.text(text)), guarded };
    const bytes = await guarded.body(body);
    if (bytes === body) return { ...request, guarded };
    if (request.holdMore?.(bytes.length) === false) throw overloaded();
    return { ...request, body: bytes, bodyRoom: undefined, guarded };
  }

  /**
   * Items that a client puts into a conversation without a call, as they may be kept: later calls send them. They are not
   * moderated, since no model is asked.
   * @throws AppError content_policy for items that are refused.
   */
  async items<Item>({ key }: Identity, items: readonly Item[]): Promise<readonly Item[]> {
    const { promptPolicy: policy } = key;
    if (items.length === 0 || policy === null || (policy.guardrails ?? []).length === 0) return items;
    const { input } = await rulesOf(policy);
    const judge = new TextJudge(input, new Placeholders(this.digestOf(key)), {
      side: 'request',
      hold: longestValue,
      time: this.times.of(key.tenantId),
    });
    const given = Buffer.from(JSON.stringify({ items }));
    const { bytes } = await inSlices(judgeBody(given, judge));
    return bytes === given ? items : (JSON.parse(bytes.toString('utf8')) as { readonly items: readonly Item[] }).items;
  }

  private digestOf({ tenantId, id }: KeyFacts): (text: string) => Buffer {
    return (text) => this.ring.digest(text, { tenantId, recordId: id });
  }

  /** Nothing is sent of a request that is only counted. */
  private moderationOf(
    { moderation }: PolicyRules,
    { requestId, given }: InferenceRequest,
    asking: Asking,
  ): Moderation | undefined {
    const { kind, draft, ask } = asking;
    const { moderation: call } = kind;
    // What is answered was moderated before it was asked.
    if (given !== undefined) return undefined;
    if (moderation === undefined || call === null || draft.dialogue?.isCounted === true) return undefined;
    const letsPass = (why: string): void =>
      this.log.warn('an input was not moderated and has passed', { request_id: requestId, why });
    return new Moderation({
      call: (inputs) => call(draft, inputs),
      ask,
      letsPass: moderation === 'allow' ? letsPass : undefined,
    });
  }
}
