import { AppError } from '../../../../kernel/app-error.js';
import type { Fields } from '../../../../kernel/fields.js';
import { atOnce } from '../../../../kernel/steps.js';
import type { ModelTarget, PublishedEndpoint, TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { ConversationName } from '../../../conversations/conversation-name.js';
import type { NewItem } from '../../../conversations/item-form.js';
import type { AnswerPart } from '../../call/answer-part.js';
import type { BackgroundCall } from '../../call/background-call.js';
import type { CallDraft, CallPlan, FirstCall } from '../../call/call-plan.js';
import type { ContentSeals, EndpointSeals } from '../../call/content-seals.js';
import type { Contribution } from '../../call/contributions.js';
import type { Additions, Dialogue, DialogueAnswer, ReferencedItems } from '../../call/dialogue.js';
import type { FileSearch } from '../../call/file-search.js';
import type { NamedFile } from '../../call/named-files.js';
import type { DocumentContext } from '../../call/document-context.js';
import { chooseEndpoint } from '../../call/endpoint-choice.js';
import { hiddenTexts } from '../../call/hidden-texts.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import { instructionText } from '../../call/instructions.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { textMember } from '../../call/request-body.js';
import { estimateTokens } from '../../call/token-estimate.js';
import { offeredInput } from '../tools/offered-input.js';
import { leftOutReply, toolRights } from '../tools/offered-tools.js';
import { askedTools, type AskedTools } from './file-search-tool.js';
import { asksCompaction } from '../chat/compaction.js';
import { givenMember } from './responses-request.js';
import { firstCompaction, type CallBasis } from './first-compaction.js';
import { GivenItems } from './given-items.js';
import { KeptItems } from './kept-items.js';
import { tokensForInput } from './input-room.js';
import { namedFiles } from './named-in-input.js';
import { PreparedChat, type SentResponse } from './prepared-chat.js';
import { ProviderNames } from './provider-names.js';
import { openedInChat, openKept } from '../chat/kept-seals.js';
import { itemsLeftOutReply } from '../chat/opened-items.js';
import { openedOverResponses, SealedInput } from './sealed-input.js';
import { endsResponse } from './responses-answer.js';
import { QueuedResponse } from './queued-response.js';
import { frameOf } from './asked-frame.js';
import { ownOutput } from './own-output.js';
import { ResponseSaid } from './response-said.js';
import { ResponsesAnswerReader, markedResponse, questionOf } from './responses-dialogue.js';
import { readResponsesRequest, type RequestForm, type ResponsesRequest } from './responses-request.js';
import type { AskedResponse, SentRequest } from './sent-request.js';
import { sentOverChat } from './sent-over-chat.js';
import { sentUnchanged } from './sent-unchanged.js';

/** A request with more items is said anew in slices. */
const itemsAtOnce = 500;

/** A request for a response. */
export class ResponsesDraft implements CallDraft, Dialogue, AskedResponse {
  readonly endpoint: PublishedEndpoint;
  readonly target: ModelTarget;
  readonly publishedName: string;
  readonly user: string | undefined;
  readonly allowsSession: boolean;
  readonly asked: ResponsesRequest;
  /** The input as items. */
  readonly given: readonly Fields[];
  private readonly hidden: readonly string[];
  private readonly holdsSecrets: boolean;
  readonly tools: AskedTools;
  readonly files: readonly NamedFile[];
  readonly seals: EndpointSeals;
  readonly names: ProviderNames;
  readonly kept = new KeptItems();
  readonly compacts: boolean;
  private readonly sealed: SealedInput;
  private readonly items: GivenItems;
  protected said: ResponseSaid | undefined;
  private readonly chat = new PreparedChat(this);

  /** @throws AppError with the contract's code for what is wrong with the request. */
  constructor(
    readonly kind: KindFacts,
    readonly request: InferenceRequest,
    endpoints: TenantEndpoints,
    seals: ContentSeals,
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
    const rights = toolRights(endpoint, target);
    const tools = askedTools(asked.body, rights);
    const input = offeredInput(typeof asked.input === 'string' ? [{ role: 'user', content: asked.input }] : asked.input, rights);
    this.given = input.items;
    this.tools = { ...tools, leftOut: [...tools.leftOut, ...input.leftOut] };
    const secrets = [...tools.secrets, ...input.secrets];
    this.hidden = [...hiddenTexts(endpoint.agent, key.promptPolicy), ...secrets];
    this.holdsSecrets = secrets.length > 0;
    // A session is meant only where the request names nothing that it goes on from.
    const names = asked.conversation !== undefined || asked.previousResponseId !== undefined;
    this.allowsSession = !names && asked.store;
    this.user = asked.user;
    this.files = namedFiles(asked);
    this.compacts = form.compacts ?? asksCompaction(this.given);
    this.seals = seals.of(key.tenantId, this, request.entry);
    this.names = new ProviderNames(this.seals, key.id);
    this.items = new GivenItems(this.given, this.seals.origin);
    this.sealed = new SealedInput(this.given, this.seals, this.names, !this.isOverChat);
    if (typeof asked.input !== 'string' && asked.store && this.items.ready === undefined) this.newItems();
  }

  get dialogue(): Dialogue {
    return this;
  }

  get rest(): (() => Promise<void>) | undefined {
    return this.sealed.rest;
  }

  get ready(): (() => Promise<unknown>) | undefined {
    // What is neither kept nor said anew goes on as it was sent: the platform need not understand it.
    return this.asked.store || this.isOverChat ? this.items.ready : undefined;
  }

  prepare(additions: Additions): Promise<unknown> | undefined {
    const { earlier = [], history = [], referenced } = additions;
    const own = this.items.resolved(referenced);
    const opened = this.isOverChat ? openedInChat : openedOverResponses;
    const opening = openKept([...earlier.map(({ json }) => json), ...history, ...own], this.seals, opened);
    const reading = this.kept.prepare(earlier);
    const readied = opening === undefined ? reading : opening.then(() => reading);
    // Another call may come first, and bring what this one is given besides.
    const isLong = earlier.length + history.length + own.length > itemsAtOnce && this.first === undefined;
    if (!this.isOverChat || !isLong) return readied;
    return (readied ?? Promise.resolve()).then(() => {
      this.sealed.judge();
      return this.chat.prepare(this.saidWith(additions), additions);
    });
  }

  get background(): BackgroundCall | undefined {
    if (!this.asked.background) return undefined;
    if (this.holdsSecrets) {
      const message = 'A request with credentials in its tools cannot run in the background: they would have to be kept.';
      throw new AppError('unsupported_parameter', { param: 'background', message });
    }
    return new QueuedResponse(this, (additions) => frameOf(this, this.publishedName, additions));
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

  get isCounted(): boolean {
    return false;
  }

  get fileSearch(): FileSearch | undefined {
    const { search } = this.tools;
    // A compaction answers nothing.
    return search !== undefined && this.compacts ? { ...search, isWanted: false } : search;
  }

  question(): string {
    return questionOf(this.asked.input);
  }

  get references(): readonly string[] {
    return this.items.references;
  }

  contributions(referenced: ReferencedItems): readonly Contribution[] {
    return this.items.contributions(referenced);
  }

  newItems(referenced: ReferencedItems = new Map(), isMeant: (place: number) => boolean = () => true): NewItem[] {
    return this.items.kept(referenced, isMeant);
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
    return tokensForInput(this, documents) - estimateTokens(this.asked.input);
  }

  /** How long the context of a raw model is nobody has said. */
  room(documents: DocumentContext | undefined): number | undefined {
    return this.asked.truncates && this.endpoint.agent !== null ? tokensForInput(this, documents) : undefined;
  }

  plan(additions: Additions = {}): CallPlan {
    this.sealed.judge();
    const { said, sent } = this.chat.preparedWith(additions) ?? this.sentWith(additions);
    this.said = said;
    const { path, body, answer, memberNames = [], inputMoved, namesFileAddresses = false, leftOut, itemsLeftOut } = sent;
    return {
      ...this.basis(additions),
      memberNames,
      path,
      body,
      answer,
      streamed: this.asked.stream ? answer : undefined,
      inputMoved,
      namesFileAddresses,
      replyHeaders: {
        ...leftOutReply(leftOut),
        ...itemsLeftOutReply(itemsLeftOut),
      },
    };
  }

  /** Over chat the platform itself makes a compaction where the request wants one of a long input. */
  get first(): ((additions: Additions) => FirstCall | undefined) | undefined {
    const { compactThreshold } = this.asked;
    if (compactThreshold === undefined || this.compacts || !this.isOverChat) return undefined;
    return (additions) => firstCompaction(this, compactThreshold, additions, this.basis(additions));
  }

  /** What every call that is made for the request has. */
  private basis({ context }: Additions): CallBasis {
    const { endpoint, target, publishedName, kind, hidden } = this;
    return {
      endpoint,
      target,
      publishedName,
      kind,
      contentType: 'application/json',
      outputTokens: this.outputTokens(),
      retryAfterMaxSeconds: endpoint.agent?.retry_after_max_seconds ?? 0,
      hidden: context === undefined ? hidden : [...hidden, ...context.hidden],
    };
  }

  private outputTokens(): number | null {
    const longest = givenMember(this.asked.body, 'max_output_tokens');
    return typeof longest === 'number' ? longest : null;
  }

  private sentWith(additions: Additions): SentResponse {
    const said = this.saidWith(additions);
    return { said, sent: this.sent(said, additions) };
  }

  private saidWith(additions: Additions): ResponseSaid {
    const own = ownOutput(additions, this.asked.include);
    return new ResponseSaid(frameOf(this, this.publishedName, additions), this.names, own);
  }

  /** What goes to the provider. */
  protected sent(said: ResponseSaid, additions: Additions): SentRequest {
    return this.isOverChat ? atOnce(sentOverChat(this, said, additions)) : sentUnchanged(this, said, additions);
  }

  protected get isOverChat(): boolean {
    return this.target.connection.wire === 'chat';
  }

  /** What goes to the provider as the instructions: the key's and the agent's before the client's. */
  instructions(): string | undefined {
    const own = instructionText(this.endpoint.agent, this.request.identity.key.promptPolicy);
    const texts = [own, this.asked.instructions ?? ''].filter((text) => text !== '');
    return texts.length === 0 ? this.asked.instructions : texts.join('\n\n');
  }
}
