import type { Fields } from '../../../../kernel/fields.js';
import { invalid } from '../../call/request-body.js';
import type { AskedCall, AskedPart, AskedResult, AskedTurn } from '../asked/asked-chat.js';
import type { DialectAsked } from '../dialect.js';
import { CallIds } from './call-ids.js';
import { blocksOf, textBlocks, type SaidPart } from './content-blocks.js';
import { isThought, thoughtBlocksOf } from './thought-blocks.js';

export interface Message extends Fields {
  readonly role: 'user' | 'assistant';
  readonly content: Fields[];
}

/** Stands in front where the model speaks first: this wire has the user begin. */
const opening = '(The assistant speaks first.)';

/**
 * The turns of a chat as messages: roles change from each to the next, the user begins, and the results of calls stand
 * directly behind the message that made the calls, before all else.
 * @throws AppError invalid_value for a call without a result and a result without a call.
 */
export function messagesOf(turns: readonly AskedTurn[], asked: Pick<DialectAsked, 'kept'>): Message[] {
  const saying = new Saying(asked);
  for (const { by, parts } of turns)
    if (by === 'model') saying.answer(parts);
    else saying.question(parts);
  return saying.whole();
}

class Saying {
  private readonly messages: Message[] = [];
  private readonly ids = new CallIds();
  /** The calls that have no result yet: under which ids they were said, by the ids that the chat gives them. */
  private open = new Map<string, string[]>();

  constructor(private readonly asked: Pick<DialectAsked, 'kept'>) {}

  answer(parts: readonly AskedPart[]): void {
    this.refuseOpenCalls();
    const blocks = parts.flatMap((part): Fields[] => {
      if (part.is === 'thoughts') return thoughtBlocksOf(part, this.asked);
      if (part.is === 'call') return [this.call(part)];
      return part.is === 'text' ? textBlocks(part.text) : [];
    });
    while (blocks.length > 0 && isThought(blocks.at(-1) as Fields)) blocks.pop();
    this.say('assistant', blocks);
  }

  question(parts: readonly AskedPart[]): void {
    const results = parts.filter((part) => part.is === 'result').map((part) => this.result(part));
    this.refuseOpenCalls();
    this.say('user', [...results, ...blocksOf(parts.filter(isSaid))]);
  }

  whole(): Message[] {
    this.refuseOpenCalls();
    const [first] = this.messages;
    if (first?.role !== 'user') this.messages.unshift({ role: 'user', content: textBlocks(opening) });
    const last = this.messages.at(-1);
    if (last?.role === 'assistant') trimEnd(last.content);
    return this.messages;
  }

  private call({ id, name, input }: AskedCall): Fields {
    const said = this.ids.next(id);
    const open = this.open.get(id);
    if (open === undefined) this.open.set(id, [said]);
    else open.push(said);
    return { type: 'tool_use', id: said, name, input };
  }

  private result({ callId, parts }: AskedResult): Fields {
    const open = this.open.get(callId);
    const said = open?.shift();
    if (open === undefined || said === undefined)
      throw invalid('messages', `no call of a tool directly before it has the id '${shown(callId)}' of a result`);
    if (open.length === 0) this.open.delete(callId);
    const content = blocksOf(parts);
    return { type: 'tool_result', tool_use_id: said, ...(content.length === 0 ? {} : { content }) };
  }

  private refuseOpenCalls(): void {
    const [id] = this.open.keys();
    if (id !== undefined) throw invalid('messages', `the call of a tool '${shown(id)}' has no result directly behind it`);
  }

  private say(role: Message['role'], blocks: readonly Fields[]): void {
    if (blocks.length === 0) return;
    const last = this.messages.at(-1);
    if (last?.role !== role) this.messages.push({ role, content: [...blocks] });
    else for (const block of blocks) last.content.push(block);
  }
}

function isSaid(part: AskedPart): part is SaidPart {
  return part.is === 'text' || part.is === 'address' || part.is === 'data';
}

/** A model that goes on with its own words: they may not end in blanks. */
function trimEnd(content: Fields[]): void {
  const last = content.at(-1);
  if (last?.['type'] === 'text') content[content.length - 1] = { ...last, text: String(last['text']).trimEnd() };
}

function shown(id: string): string {
  return id.slice(0, 100);
}
