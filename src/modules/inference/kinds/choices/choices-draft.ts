import type { AgentSpec } from '../../../../contracts/agent-spec.js';
import { AppError } from '../../../../kernel/app-error.js';
import type { ModelTarget, PublishedEndpoint, TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { CallDraft, CallPlan } from '../../call/call-plan.js';
import type { Additions, Dialogue } from '../../call/dialogue.js';
import { chooseEndpoint } from '../../call/endpoint-choice.js';
import { hiddenTexts, refuseRepeating } from '../../call/hidden-texts.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { flagMember, invalid, readKnownBody, textMember } from '../../call/request-body.js';
import { encodedLength, lengthMember, usualLength } from '../../call/length-member.js';
import { longestAnswer } from '../../call/longest-answer.js';
import { sentNumber } from '../../call/sent-number.js';
import { parameterEdits } from '../../call/parameter-edits.js';
import { findMember, readMember, readObject, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { ChoicesAnswer } from './choices-answer.js';
import type { ChoicesForm } from './choices-form.js';

const usageOnly = Buffer.from('{"include_usage":true}');
const includeUsage: readonly Edit[] = [{ op: 'set', key: 'include_usage', value: Buffer.from('true') }];

/**
 * A request that is answered in choices, read without parsing: where it goes, and what changes in its body on the way. The
 * provider's model, the agent's parameters, control fields dropped, usage of a stream always asked for; `plan` puts the
 * instructions in and makes the one copy.
 */
export abstract class ChoicesDraft implements CallDraft {
  abstract readonly dialogue: Dialogue | undefined;
  readonly endpoint: PublishedEndpoint;
  readonly target: ModelTarget;
  readonly publishedName: string;
  protected readonly body: JsonBody;
  /** One edit a member. */
  protected readonly edits = new Map<string, Edit>();
  private readonly stream: boolean;
  protected readonly usageAsked: boolean;
  /** The answer is to be stored. */
  protected readonly isStored: boolean;
  private readonly hidden: readonly string[];

  /** @throws AppError with the contract's code for what is wrong at the body's top level. */
  constructor(
    readonly kind: KindFacts,
    protected readonly request: InferenceRequest,
    endpoints: TenantEndpoints,
    private readonly form: ChoicesForm,
  ) {
    const { key } = request.identity;
    const body = readKnownBody(request.body, form.input === 'messages' ? { messages: form.input, isKnown: form.isKnown } : {});
    const { endpoint, target, publishedName } = chooseEndpoint(
      key,
      endpoints,
      request.headers,
      textMember(body, 'model'),
      kind.modality,
    );
    this.body = body;
    this.endpoint = endpoint;
    this.target = target;
    this.publishedName = publishedName;
    this.stream = flagMember(body, 'stream');
    const options = this.stream ? streamOptions(body) : undefined;
    this.usageAsked = options?.usageAsked ?? false;
    this.hidden = hiddenTexts(endpoint.agent, key.promptPolicy);
    if (this.hidden.length > 0) refuseRepeating(form.repeating, body);
    for (const { key: name } of body.scan.members)
      if (target.connection.droppedFields.has(name)) this.add({ op: 'remove', key: name });
    if (endpoint.agent !== null) for (const edit of parameterEdits(endpoint.agent, body.scan)) this.add(forProvider(edit));
    const isAsked = form.stores && flagMember(body, 'store');
    this.isStored = form.stores && wantsStore(endpoint.agent, body, isAsked);
    if (isAsked || this.isStored) this.keepToOurselves();
    this.add({ op: 'set', key: 'model', value: target.encodedModel });
    if (options !== undefined) this.add({ op: 'set', key: 'stream_options', value: options.withUsage });
  }

  plan(additions: Additions = {}): CallPlan {
    const { form, body, stream } = this;
    const { context } = additions;
    if (context !== undefined && context.hidden.length > 0) refuseRepeating(form.repeating, body);
    const choices = stream ? this.askedChoices() * this.prompts() : 1;
    const edit = this.inputEdit(additions);
    if (edit !== undefined) this.add(edit);
    const longest = longestAnswer(body, this.edits);
    const isLengthSaid = longest === undefined && this.saysLength();
    const answer = new ChoicesAnswer(form, this.publishedName, this.usageTold, choices);
    // Member by member: a spread of an object costs more here than all the rest of the plan.
    return {
      endpoint: this.endpoint,
      target: this.target,
      publishedName: this.publishedName,
      kind: this.kind,
      path: this.target.paths[form.path],
      body: spliceBody(body.bytes, body.scan, [...this.edits.values()], this.request.bodyRoom),
      contentType: 'application/json',
      answer,
      streamed: stream ? answer : undefined,
      inputMoved: edit !== undefined,
      outputTokens: longest ?? null,
      isLengthSaid,
      answers: this.answers() * this.prompts(),
      retryAfterMaxSeconds: this.endpoint.agent?.retry_after_max_seconds ?? 0,
      hidden: context === undefined ? this.hidden : [...this.hidden, ...context.hidden],
    };
  }

  /** Says how long the answer may be where a budget wants that. Of completions it is said when it is known how they go out. */
  private saysLength(): boolean {
    const { endpoint, target, publishedName, request } = this;
    const { hasBudgets, key: caller } = request.identity;
    const { tenantId, id: keyId } = caller;
    if (!hasBudgets) return false;
    if (this.form.path !== 'chat' || !request.entry.stops({ tenantId, keyId, endpoint: publishedName })) return false;
    const key = lengthMember({ target, path: target.paths.chat });
    if (key !== undefined) this.add({ op: 'set', key, value: encodedLength(usualLength({ endpoint })) });
    return key !== undefined;
  }

  /** What is put into the member that holds what is asked. @throws AppError */
  protected abstract inputEdit(additions: Additions): Edit | undefined;

  /** How many answers to a prompt the provider makes, told or not; what is no number of answers is its to refuse. */
  private answers(): number {
    const asked = ['n', 'best_of'].map((name) => sentNumber(this.body, this.edits, name) ?? 1);
    return Math.max(1, ...asked);
  }

  /** How many answers of `n` choices are asked for. */
  protected abstract prompts(): number;

  /**
   * What is stored here is not stored at the provider. Many providers refuse the name `store`, whatever its value, and OpenAI
   * refuses metadata of an answer that it does not store: so neither goes out. What the agent says of metadata stays.
   */
  private keepToOurselves(): void {
    this.add({ op: 'remove', key: 'store' });
    if (this.edits.get('metadata')?.op !== 'set') this.add({ op: 'remove', key: 'metadata' });
  }

  /** The usage is among the events: the client asked for it, or it is stored with the answer. */
  protected get usageTold(): boolean {
    return this.usageAsked || this.isStored;
  }

  private add(edit: Edit): void {
    this.edits.set(edit.key, edit);
  }

  /** The `n` that the provider is sent: the agent's where it sets or pins one, else the request's. */
  protected askedChoices(): number {
    const edit = this.edits.get('n');
    if (edit?.op === 'remove') return 1;
    if (edit?.op === 'set') {
      const set: unknown = JSON.parse(edit.value.toString('utf8'));
      return typeof set === 'number' && set >= 1 ? set : 1;
    }
    const member = findMember(this.body.scan, 'n');
    if (member === undefined || member.kind === 'null') return 1;
    const value = member.kind === 'number' ? Number(readMember(this.body.bytes, member)) : NaN;
    if (!Number.isInteger(value) || value < 1 || value > 128) throw invalid('n', 'expected an integer from 1 to 128');
    return value;
  }
}

/** What an agent says of `store` is said to the platform: no provider is told. */
function forProvider(edit: Edit): Edit {
  return edit.key === 'store' ? { op: 'remove', key: 'store' } : edit;
}

/** The request's `store`, unless the agent pins it or has a default for it. */
function wantsStore(agent: AgentSpec | null, body: JsonBody, asked: boolean): boolean {
  if (agent === null) return asked;
  const own = agent.parameters['store'] === true;
  if (agent.pinned.includes('store')) return own;
  const member = findMember(body.scan, 'store');
  return member === undefined || member.kind === 'null' ? own : asked;
}

/** Whether the client asked for usage, and its options with usage asked for in any case. */
function streamOptions(body: JsonBody): { usageAsked: boolean; withUsage: Buffer } {
  const member = findMember(body.scan, 'stream_options');
  if (member === undefined || member.kind === 'null') return { usageAsked: false, withUsage: usageOnly };
  if (member.kind !== 'object') throw invalid('stream_options', 'expected an object');
  const options = readObject(body.bytes.subarray(member.valueStart, member.valueEnd));
  if (!options.ok) throw new AppError('invalid_request', { message: options.message, param: 'stream_options' });
  const usageAsked = findMember(options.scan, 'include_usage')?.kind === 'true';
  return { usageAsked, withUsage: spliceBody(options.bytes, options.scan, usageAsked ? [] : includeUsage) };
}
