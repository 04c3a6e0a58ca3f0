import { isFields, type Fields } from '../../../kernel/fields.js';
import { numberOf } from '../wire/exact-json.js';
import { Tally } from './tally.js';
import { AnswerCollector, type AnsweredCall } from './chat-answer.js';
import { furtherMembers, withPiece } from '../wire/further-members.js';

/** What a choice counts besides what it says. */
const charactersOfChoice = 100;

/** One choice of a streamed answer, as far as it has come. */
class OpenChoice {
  private readonly message = new AnswerCollector();
  /** What the collector of messages does not keep. */
  private audio: Fields | undefined;
  private logprobs: Fields | undefined;
  private finishReason: string | null = null;
  private readonly tally = new Tally();

  constructor(private readonly index: number) {}

  get characters(): number {
    return this.message.characters + this.tally.characters;
  }

  add(choice: Fields): void {
    const { delta, logprobs, finish_reason: reason } = choice;
    this.message.add({ choices: [{ ...choice, index: 0 }] });
    if (isFields(delta)) {
      const { audio, annotations } = delta;
      this.audio = this.grown(this.audio, { audio, annotations });
    }
    this.logprobs = this.grown(this.logprobs, { logprobs });
    if (typeof reason === 'string' && reason !== '') this.finishReason = reason;
  }

  /** As a whole reply has it. */
  whole(): Fields {
    const { text, refusal, parts, further, calls, legacy } = this.message.said();
    const { audio, annotations } = this.audio ?? {};
    const message = {
      role: 'assistant',
      content: audio === undefined ? (parts ?? text) : null,
      refusal,
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCall) }),
      ...(legacy === undefined ? {} : { function_call: { name: legacy.name, arguments: legacy.input } }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(audio === undefined ? {} : { audio }),
      ...further,
    };
    return { index: this.index, message, logprobs: this.logprobs?.['logprobs'] ?? null, finish_reason: this.finishReason };
  }

  private grown(before: Fields | undefined, members: Fields): Fields | undefined {
    const piece = furtherMembers(members, none);
    return withPiece(before, this.tally.members(piece));
  }
}

const none: ReadonlySet<string> = new Set();

/** Gathers the choices of a streamed answer into those that a whole reply would have. */
export class AnsweredChoices {
  private readonly choices = new Map<number, OpenChoice>();

  private size = 0;

  /** Characters gathered so far. */
  get characters(): number {
    return this.size;
  }

  /** Takes the choices of a chunk, with their numbers as they were written. The values are the collector's from then on. */
  add(choices: readonly unknown[]): void {
    for (const choice of choices) {
      if (!isFields(choice)) continue;
      const index = numberOf(choice['index']) ?? 0;
      let open = this.choices.get(index);
      if (open === undefined) {
        this.choices.set(index, (open = new OpenChoice(index)));
        this.size += charactersOfChoice;
      }
      const before = open.characters;
      open.add(choice);
      this.size += open.characters - before;
    }
  }

  /** The choices in their order. */
  whole(): readonly Fields[] {
    return [...this.choices].sort(([a], [b]) => a - b).map(([, choice]) => choice.whole());
  }
}

function toolCall({ id, kind, name, input, further, furtherOfTool }: AnsweredCall): Fields {
  const tool = kind === 'custom' ? { name, input } : { name, arguments: input };
  return { id, type: kind, [kind]: { ...tool, ...furtherOfTool }, ...further };
}
