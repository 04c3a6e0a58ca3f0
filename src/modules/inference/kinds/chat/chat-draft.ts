import { defaultContextTokens } from '../../../../contracts/agent-spec.js';
import type { Fields } from '../../../../kernel/fields.js';
import type { TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { NewItem } from '../../../conversations/item-form.js';
import type { CallPlan } from '../../call/call-plan.js';
import { allowsSearch, chatTools, isGiven, searchOptions, toolEdits } from './chat-hosted.js';
import { overResponses } from './over-responses/over-responses.js';
import type { AnswerPart } from '../../call/answer-part.js';
import { countInstructions, type Contribution } from '../../call/contributions.js';
import type { Additions, Dialogue, DialogueAnswer, ReferencedItems } from '../../call/dialogue.js';
import type { DocumentContext } from '../../call/document-context.js';
import type { ContentSeals, EndpointSeals } from '../../call/content-seals.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KeptCall } from '../../call/kept-call.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { instructionMessages } from '../../call/instructions.js';
import { invalid, missing } from '../../call/request-body.js';
import { printExact } from '../../wire/exact-json.js';
import { findMember, readMember } from '../../wire/json-body.js';
import type { Edit } from '../../wire/json-edit.js';
import type { ScannedMember } from '../../wire/json-scan.js';
import { elementsSplit } from '../../wire/json-elements.js';
import { skipSpace } from '../../wire/json-tokens.js';
import { ChoicesAnswer } from '../choices/choices-answer.js';
import { ChoicesDraft } from '../choices/choices-draft.js';
import { answerId } from '../choices/choices-form.js';
import { boundedMember, exactMember } from './bounded-member.js';
import { contributionOfMessage } from './chat-contributions.js';
import { ChatAnswerReader, finishes, marked } from './chat-answer-reader.js';
import { namesFileAddress, withoutFileAddresses } from '../../call/file-addresses.js';
import { noFiles, withFiles, type NamedFile } from '../../call/named-files.js';
import { chatForm } from './chat-form.js';
import { filesOfChat, messagesWithFiles } from './chat-files.js';
import { tokensForHistory } from './chat-room.js';
import { lastQuestion } from './chat-question.js';
import { answeredCalls, itemsOfMessages } from './chat-to-items.js';
import { messagesOfItems } from './items-to-chat.js';
import { KeptChat } from './kept-chat.js';
import { openedInChat, openKept } from './kept-seals.js';
import { itemsLeftOutReply, openedItems } from './opened-items.js';
import { storedRequest } from './stored-request.js';
import { leftOutReply } from '../tools/offered-tools.js';

const comma = Buffer.from(',');
const opening = Buffer.from('[');
const closing = Buffer.from(']');

/** A chat request. */
export class ChatDraft extends ChoicesDraft implements Dialogue {
  private readonly member: ScannedMember;
  /** Types of hosted tools that do not go on. */
  private readonly leftOut: string[] = [];
  /** Types of sealed items of the conversation that mean nothing to this model. */
  private itemsLeftOut: readonly string[] = [];
  private secrets: readonly string[] = [];
  /** The conversation names files by address. */
  private namesFileAddresses = false;
  private named: readonly NamedFile[] | undefined;
  private readMessages: readonly unknown[] | undefined;

  constructor(
    kind: KindFacts,
    request: InferenceRequest,
    endpoints: TenantEndpoints,
    private readonly contentSeals: ContentSeals,
  ) {
    super(kind, request, endpoints, chatForm);
    const { bytes, scan } = this.body;
    const member = findMember(scan, 'messages');
    if (member === undefined) throw missing('messages');
    if (member.kind !== 'array' || skipSpace(bytes, member.valueStart + 1, member.valueEnd) === member.valueEnd - 1)
      throw invalid('messages', 'expected a non-empty array of messages');
    this.member = member;
    if (!allowsSearch(this) && !this.edits.has(searchOptions) && isGiven(findMember(scan, searchOptions))) {
      this.edits.set(searchOptions, { op: 'remove', key: searchOptions });
      this.leftOut.push('web_search');
    }
    const tools = chatTools(this.body, this);
    this.secrets = tools.secrets;
    // Tools that the agent itself fixes are its own matter.
    if (tools.kept === undefined || this.edits.has('tools')) return;
    this.leftOut.push(...tools.leftOut);
    for (const edit of toolEdits(this.body, tools.kept, tools.choice)) this.edits.set(edit.key, edit);
  }

  get dialogue(): Dialogue {
    return this;
  }

  get conversation(): undefined {
    return undefined;
  }

  get previousResponseId(): undefined {
    return undefined;
  }

  get references(): readonly string[] {
    return [];
  }

  get files(): readonly NamedFile[] {
    return (this.named ??= this.body.scan.watchedNameSeen ? filesOfChat(this.body) : []);
  }

  get keepsAnswer(): boolean {
    return false;
  }

  get isCounted(): boolean {
    return false;
  }

  get allowsSession(): boolean {
    return true;
  }

  get user(): string | undefined {
    const { bytes, scan } = this.body;
    const member = findMember(scan, 'user');
    return member?.kind === 'string' ? (readMember(bytes, member) as string) : undefined;
  }

  question(): string {
    return lastQuestion(this.messages);
  }

  contributions(): readonly Contribution[] {
    return this.messages.map(contributionOfMessage);
  }

  newItems(_referenced?: ReferencedItems, isMeant: (place: number) => boolean = () => true): NewItem[] {
    const meant = this.exactMessages.filter((_message, at) => isMeant(at));
    return itemsOfMessages(meant, this.target.connection.id);
  }

  openStored(): KeptCall | undefined {
    if (!this.isStored) return undefined;
    const { requestId } = this.request;
    const { publishedName, usageAsked } = this;
    const id = answerId(chatForm, requestId);
    return new KeptChat({ id, publishedName, usageAsked, request: storedRequest(this.body, this.exactMessages, requestId) });
  }

  openAnswer(): DialogueAnswer {
    return new ChatAnswerReader(this.target.connection.id);
  }

  finishes(event: AnswerPart): boolean {
    return finishes(event.value);
  }

  marked(part: AnswerPart, mark: Fields): AnswerPart {
    return marked(part, mark);
  }

  tokensLeft(documents: DocumentContext | undefined): number {
    const { body, edits, messages } = this;
    const context = this.endpoint.agent?.context_tokens ?? defaultContextTokens;
    return tokensForHistory({ body, edits, messages, lead: this.lead({}), quotations: this.quotations(documents) }, context);
  }

  prepare({ history = [] }: Additions): Promise<void> | undefined {
    return history.length === 0 ? undefined : openKept(history, this.seals(), openedInChat);
  }

  override plan(additions: Additions = {}): CallPlan {
    const planned = super.plan(additions);
    const plan = this.namesFileAddresses ? { ...planned, namesFileAddresses: true } : planned;
    const { leftOut, secrets, usageTold: usageAsked } = this;
    if (this.target.connection.wire === 'responses') {
      const form = new ChoicesAnswer(chatForm, this.publishedName, usageAsked, 1);
      const translated = overResponses(plan, { usageAsked, form, leftOut, fixesTools: this.edits.has('tools') });
      return { ...translated, replyHeaders: { ...translated.replyHeaders, ...itemsLeftOutReply(this.itemsLeftOut) } };
    }
    const replyHeaders = { ...leftOutReply(leftOut), ...itemsLeftOutReply(this.itemsLeftOut) };
    if (Object.keys(replyHeaders).length === 0 && secrets.length === 0) return plan;
    return { ...plan, replyHeaders, hidden: [...plan.hidden, ...secrets] };
  }

  protected override inputEdit(additions: Additions): Edit | undefined {
    const history = this.historyOf(additions);
    const lead = this.lead(additions);
    const own = this.withFiles(additions);
    if (history.length === 0 && own === undefined)
      return lead === undefined ? undefined : { op: 'prepend', key: 'messages', items: lead };
    // The request's own messages stay as they were written, unless they name files; only what is added is printed.
    const { valueStart, valueEnd } = this.member;
    const instructions = countInstructions(this.contributions());
    const { head, tail } =
      own === undefined
        ? elementsSplit(this.body.bytes, valueStart, valueEnd, instructions)
        : elementsSplit(own, 0, own.length, instructions);
    const stored = Buffer.from(printExact(history).slice(1, -1));
    const parts = [lead, head, stored, tail].filter((part) => part !== undefined && part.length > 0) as Buffer[];
    const separated = parts.flatMap((part, at) => (at === 0 ? [part] : [comma, part]));
    return { op: 'set', key: 'messages', value: Buffer.concat([opening, ...separated, closing]) };
  }

  /** The request's own messages with the files that they name; undefined where they name none. */
  private withFiles({ files }: Additions): Buffer | undefined {
    if (files === undefined || this.files.length === 0) return undefined;
    return Buffer.from(printExact(messagesWithFiles(this.exactMessages, files)));
  }

  protected override prompts(): number {
    return 1;
  }

  /** What stands in front: the instructions, and behind them what documents say. */
  private lead({ context }: Additions): Buffer | undefined {
    const instructions = instructionMessages(this.endpoint.agent, this.request.identity.key.promptPolicy);
    const message = this.quotations(context);
    if (message === undefined || instructions === undefined) return message ?? instructions;
    return Buffer.concat([instructions, comma, message]);
  }

  private quotations(context: DocumentContext | undefined): Buffer | undefined {
    if (context?.text === undefined) return undefined;
    const role = this.endpoint.agent?.instructions_role ?? 'system';
    return Buffer.from(JSON.stringify({ role, content: context.text }));
  }

  /**
   * Stored items as messages: calls that the request answers are kept. A summary that a response has left stands for what
   * was before it, and what a model thought goes back to it.
   */
  private historyOf({ history = [], files = noFiles }: Additions): Fields[] {
    if (history.length === 0) return [];
    const { target, endpoint } = this;
    const { id } = target.connection;
    const { wire, dialect } = target.connection;
    // Of chats, only those that are said anew can tell the address of a file; for others it is fetched, if at all.
    const isFetched = wire === 'chat' && endpoint.agent?.fetch_addresses === true;
    const isTold = dialect !== undefined || wire === 'responses' || isFetched;
    this.namesFileAddresses = isFetched && history.some(namesFileAddress);
    const whole = history.map((item) => withFiles(isTold ? item : withoutFileAddresses(item), files));
    const role = endpoint.agent?.instructions_role ?? 'system';
    const opened = openedItems(whole, this.seals(), id, role);
    this.itemsLeftOut = opened.leftOut;
    return messagesOfItems(opened.items, answeredCalls(this.messages), id);
  }

  private seals(): EndpointSeals {
    const { contentSeals, request } = this;
    return contentSeals.of(request.identity.key.tenantId, this, request.entry);
  }

  private get messages(): readonly unknown[] {
    const what = 'a conversation, a question to documents or a stored completion';
    return (this.readMessages ??= boundedMember(this.body, this.member, what) as unknown[]);
  }

  /** The messages with their numbers as they were written. */
  private get exactMessages(): readonly unknown[] {
    return exactMember(this.body, this.member, this.messages) as unknown[];
  }
}
