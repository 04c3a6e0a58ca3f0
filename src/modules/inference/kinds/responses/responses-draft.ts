import { defaultContextTokens } from '../../../../contracts/agents.js';
import { AppError } from '../../../../kernel/app-error.js';
import type { Fields } from '../../../../kernel/fields.js';
import type { ModelTarget, PublishedEndpoint, TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { ConversationName } from '../../../conversations/conversation-name.js';
import { normaliseItem, type NewItem } from '../../../conversations/item-form.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import type { StreamedAnswer } from '../../call/answer.js';
import type { AnswerPart } from '../../call/answer-part.js';
import type { CallDraft, CallPlan } from '../../call/call-plan.js';
import type { Additions, Dialogue, DialogueAnswer, ReferencedItems } from '../../call/dialogue.js';
import type { DocumentContext } from '../../call/document-context.js';
import { chooseEndpoint } from '../../call/endpoint-choice.js';
import { hiddenTexts } from '../../call/hidden-texts.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import { instructionText } from '../../call/instructions.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { parameterEdits } from '../../call/parameter-edits.js';
import { textMember } from '../../call/request-body.js';
import { estimateTokens, estimateTokensOfBytes } from '../../call/token-estimate.js';
import { plainOf, printExact, readExact } from '../../wire/exact-json.js';
import { listForeignIds } from '../../wire/foreign-ids.js';
import { findMember, readMember } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { chatRequestOf } from './chat-request.js';
import { OverChatAnswer } from './over-chat-answer.js';
import { offeredTools, type OfferedTools } from './offered-tools.js';
import { ResponsesAnswer, endsResponse } from './responses-answer.js';
import { ResponseSaid } from './response-said.js';
import { ResponsesAnswerReader, markedResponse, questionOf } from './responses-dialogue.js';
import {
  givenMember,
  isGiven,
  readResponsesRequest,
  referenceOf,
  type RequestForm,
  type ResponsesRequest,
} from './responses-request.js';
import { isSentAsGiven, sentItem } from './sent-input.js';

/** What is left for the answer where the request does not say how long it may be; never more than half of the context. */
const answerTokens = 4_096;
/** Members that say what the platform does, not the provider. */
const ownMembers = ['previous_response_id', 'conversation', 'background', 'truncation'] as const;
const encryptedReasoning = 'reasoning.encrypted_content';
const no = Buffer.from('false');

/** Members of a request that a response shows. */
const echoed = [
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
] as const;

/** What goes to the provider, and how its answer is read. */
interface SentRequest {
  readonly path: string;
  readonly body: Buffer;
  readonly answer: StreamedAnswer;
  /** Types of tools that it does not have. */
  readonly leftOut: readonly string[];
}

/** A request for a response. */
export class ResponsesDraft implements CallDraft, Dialogue {
  readonly endpoint: PublishedEndpoint;
  readonly target: ModelTarget;
  readonly publishedName: string;
  readonly user: string | undefined;
  protected readonly asked: ResponsesRequest;
  /** The input as items. */
  private readonly given: readonly Fields[];
  private readonly hidden: readonly string[];
  private readonly tools: OfferedTools;
  private said: ResponseSaid | undefined;
  private readonly normalised = new Map<Fields, NewItem>();

  /** @throws AppError with the contract's code for what is wrong with the request. */
  constructor(
    readonly kind: KindFacts,
    private readonly request: InferenceRequest,
    endpoints: TenantEndpoints,
    form: RequestForm = { needsInput: true },
  ) {
    const { key } = request.identity;
    const asked = readResponsesRequest(request.body, form);
    const model = textMember(asked.body, 'model');
    const { endpoint, target, publishedName } = chooseEndpoint(key, endpoints, request.headers, model, kind.modality);
    this.asked = asked;
    this.endpoint = endpoint;
    this.target = target;
    this.publishedName = publishedName;
    this.hidden = hiddenTexts(endpoint.agent, key.promptPolicy);
    // A session is meant only where the request names nothing that it goes on from.
    this.given = typeof asked.input === 'string' ? [{ role: 'user', content: asked.input }] : asked.input;
    const names = asked.conversation !== undefined || asked.previousResponseId !== undefined;
    this.user = names || !asked.store ? undefined : asked.user;
    refuseForeign(asked);
    this.tools = offeredTools(givenMember(asked.body, 'tools'), givenMember(asked.body, 'tool_choice'), []);
    if (typeof asked.input !== 'string' && asked.store) this.newItems();
  }

  get dialogue(): Dialogue {
    return this;
  }

  get conversation(): ConversationName | undefined {
    return this.asked.conversation;
  }

  get previousResponseId(): string | undefined {
    return this.asked.previousResponseId;
  }

  get keepsAnswer(): boolean {
    return this.asked.store;
  }

  /** A conversation that the request itself names always comes before its input. */
  get bringsHistory(): boolean {
    const { conversation, input } = this.asked;
    return conversation === undefined && typeof input !== 'string' && input.some((item) => item['role'] === 'assistant');
  }

  question(): string {
    return questionOf(this.asked.input);
  }

  get references(): readonly string[] {
    return this.given.flatMap((item) => referenceOf(item) ?? []);
  }

  newItems(referenced: ReferencedItems = new Map()): NewItem[] {
    return this.given.flatMap((item, at): NewItem[] => {
      const id = referenceOf(item);
      if (id === undefined) return [this.normalise(item, at)];
      const kept = referenced.get(id);
      return kept === undefined ? [] : [JSON.parse(kept.json) as NewItem];
    });
  }

  openAnswer(): DialogueAnswer {
    return new ResponsesAnswerReader(() => this.said);
  }

  finishes(event: AnswerPart): boolean {
    return endsResponse(event.value);
  }

  marked(part: AnswerPart, mark: Fields): AnswerPart {
    return markedResponse(part, mark);
  }

  tokensLeft(documents: DocumentContext | undefined): number {
    const context = this.endpoint.agent?.context_tokens ?? defaultContextTokens;
    const { input, body } = this.asked;
    const longest = givenMember(body, 'max_output_tokens');
    const answer = typeof longest === 'number' ? longest : Math.min(answerTokens, context / 4);
    const tools = findMember(body.scan, 'tools');
    const asked =
      estimateTokens(input) +
      estimateTokens(this.instructions() ?? '') +
      estimateTokens(documents?.text ?? '') +
      estimateTokensOfBytes(tools === undefined ? 0 : tools.valueEnd - tools.valueStart);
    return context - asked - Math.min(answer, context / 2);
  }

  plan(additions: Additions = {}): CallPlan {
    const { asked, target, endpoint } = this;
    const { context } = additions;
    const said = new ResponseSaid({
      model: this.publishedName,
      instructions: asked.instructions ?? null,
      previousResponseId: asked.previousResponseId ?? null,
      conversationId: additions.conversationId ?? null,
      store: asked.store,
      showsEncrypted: asked.include.includes(encryptedReasoning),
    });
    this.said = said;
    const { path, body, answer, leftOut } =
      target.connection.wire === 'chat' ? this.overChat(said, additions) : this.unchanged(said, additions);
    return {
      endpoint,
      target,
      publishedName: this.publishedName,
      kind: this.kind,
      path,
      body,
      contentType: 'application/json',
      answer,
      streamed: asked.stream ? answer : undefined,
      retryAfterMaxSeconds: endpoint.agent?.retry_after_max_seconds ?? 0,
      hidden: context === undefined ? this.hidden : [...this.hidden, ...context.hidden],
      ...(leftOut.length === 0 ? {} : { replyHeaders: { 'x-gt-tools-left-out': leftOut.join(', ') } }),
    };
  }

  /** To a provider that speaks Responses: the request's own bytes, with what changes. */
  private unchanged(said: ResponseSaid, additions: Additions): SentRequest {
    const { body } = this.asked;
    return {
      path: this.target.connection.paths.responses,
      body: spliceBody(body.bytes, body.scan, this.edits(additions), this.request.bodyRoom),
      answer: new ResponsesAnswer(said),
      leftOut: this.tools.leftOut,
    };
  }

  /** To a provider that speaks chat: the request is said anew. */
  private overChat(said: ResponseSaid, { context, history = [], earlier = [], referenced }: Additions): SentRequest {
    const { target, endpoint } = this;
    const members = this.members();
    const { body, tools } = chatRequestOf(members, {
      model: target.model,
      instructions: this.instructions(),
      role: endpoint.agent?.instructions_role ?? 'system',
      context: context?.text,
      items: [
        ...earlier.map(({ json }) => exactItem(json) as StoredItem),
        ...history,
        ...(this.newItems(referenced) as StoredItem[]),
      ],
      connection: target.connection.id,
    });
    return {
      path: target.connection.paths.chat,
      body: Buffer.from(printExact(body)),
      answer: new OverChatAnswer(said, echoOf(members), tools.names),
      leftOut: [...this.tools.leftOut, ...tools.leftOut],
    };
  }

  /** The members of the request with the agent's, their numbers as they were written. */
  private members(): Fields {
    const { body } = this.asked;
    const { droppedFields } = this.target.connection;
    const members: Record<string, unknown> = {};
    for (const member of body.scan.members) {
      if (droppedFields.has(member.key) || member.key === 'input') continue;
      members[member.key] = readExact(body.bytes.subarray(member.valueStart, member.valueEnd), readMember(body.bytes, member));
    }
    const { agent } = this.endpoint;
    for (const edit of agent === null ? [] : parameterEdits(agent, body.scan)) {
      if (edit.op === 'set') members[edit.key] = readExact(edit.value, JSON.parse(edit.value.toString('utf8')));
      else delete members[edit.key];
    }
    if (this.tools.kept !== undefined) members['tools'] = this.tools.kept;
    return members;
  }

  /** An item in the platform's form, once: its id stays the same. */
  private normalise(item: Fields, at: number): NewItem {
    let known = this.normalised.get(item);
    if (known === undefined) {
      known = normaliseItem(plainOf(item), `input[${at}]`);
      this.normalised.set(item, known);
    }
    return known;
  }

  private edits(additions: Additions): Edit[] {
    const { asked, target, endpoint } = this;
    const { body } = asked;
    const edits = new Map<string, Edit>();
    const set = (key: string, value: Buffer): unknown => edits.set(key, { op: 'set', key, value });
    for (const { key } of body.scan.members) if (target.connection.droppedFields.has(key)) edits.set(key, { op: 'remove', key });
    if (endpoint.agent !== null) for (const edit of parameterEdits(endpoint.agent, body.scan)) edits.set(edit.key, edit);
    for (const key of ownMembers) if (findMember(body.scan, key) !== undefined) edits.set(key, { op: 'remove', key });
    set('model', target.encodedModel);
    set('store', no);
    const instructions = this.instructions();
    if (instructions !== undefined && instructions !== asked.instructions)
      set('instructions', Buffer.from(JSON.stringify(instructions)));
    const input = this.sentInput(additions);
    if (input !== undefined) set('input', input);
    if (this.tools.kept !== undefined) set('tools', Buffer.from(JSON.stringify(this.tools.kept)));
    if (this.needsEncrypted()) set('include', Buffer.from(JSON.stringify([...asked.include, encryptedReasoning])));
    return [...edits.values()];
  }

  /** What goes to the provider as the instructions: the key's and the agent's before the client's. */
  private instructions(): string | undefined {
    const own = instructionText(this.endpoint.agent, this.request.identity.key.promptPolicy);
    const texts = [own, this.asked.instructions ?? ''].filter((text) => text !== '');
    return texts.length === 0 ? this.asked.instructions : texts.join('\n\n');
  }

  /** The input with what stands before it; undefined where it goes on as it was written. */
  private sentInput({ context, history = [], earlier = [], referenced }: Additions): Buffer | undefined {
    const { input } = this.asked;
    const before: Fields[] = [];
    if (context?.text !== undefined) before.push({ type: 'message', role: 'developer', content: context.text });
    for (const { json } of earlier) before.push(exactItem(json));
    before.push(...history);
    if (before.length === 0 && (typeof input === 'string' || input.every(isSentAsGiven))) return undefined;
    const own = this.given.map((item) => {
      const kept = referenced?.get(referenceOf(item) ?? '');
      return kept === undefined ? item : exactItem(kept.json);
    });
    return Buffer.from(printExact([...before, ...own].map(sentItem).filter(isSent)));
  }

  /** A reasoning model goes on from its reasoning, which the provider does not keep: it is kept here, sealed by the provider. */
  private needsEncrypted(): boolean {
    const { asked } = this;
    const keeps = asked.store || asked.conversation !== undefined;
    return keeps && isGiven(asked.body, 'reasoning') && !asked.include.includes(encryptedReasoning);
  }
}

function exactItem(json: string): Fields {
  const bytes = Buffer.from(json);
  return readExact(bytes, JSON.parse(json)) as Fields;
}

/** Reasoning that its provider has not sealed means nothing to it any more. */
function isSent(item: Fields): boolean {
  return item['type'] !== 'reasoning' || typeof item['encrypted_content'] === 'string';
}

/** Objects that a request names are the platform's; files, containers and stores cannot be named yet. */
function refuseForeign({ body }: ResponsesRequest): void {
  const foreign = listForeignIds(body).find(({ kind }) => kind === 'file' || kind === 'container');
  if (foreign === undefined) return;
  throw new AppError('not_found', {
    param: foreign.param,
    message: `No such ${foreign.kind}: '${foreign.id.slice(0, 128)}'.`,
  });
}

function echoOf(members: Fields): Fields {
  return Object.fromEntries(
    echoed.flatMap((name) => (members[name] === undefined || members[name] === null ? [] : [[name, members[name]]])),
  );
}
