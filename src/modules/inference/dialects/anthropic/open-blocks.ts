import type { Fields } from '../../../../kernel/fields.js';
import type { ToldTools } from '../asked/told-tools.js';
import { inputText, wholeCall } from './answer-calls.js';
import type { AnswerThoughts } from './answer-thoughts.js';

/** A block of an answer while it is said. What is said is a delta of a chat; undefined where there is nothing to say. */
export interface OpenBlock {
  begin(): Fields | undefined;
  grow(delta: Fields): Fields | undefined;
  end(): Fields | undefined;
}

/** A text. */
export class OpenText implements OpenBlock {
  constructor(private readonly block: Fields) {}

  begin(): Fields | undefined {
    return this.grow(this.block);
  }

  grow({ text }: Fields): Fields | undefined {
    return typeof text === 'string' && text !== '' ? { content: text } : undefined;
  }

  end(): undefined {
    return undefined;
  }
}

/** A thought: its words are said as they come, its block when it is whole and signed. */
export class OpenThought implements OpenBlock {
  private readonly words: string[] = [];
  private readonly signature: string[] = [];

  constructor(
    private readonly block: Fields,
    private readonly thoughts: AnswerThoughts,
  ) {}

  begin(): Fields | undefined {
    this.thoughts.begin();
    return this.grow(this.block);
  }

  grow({ thinking, signature }: Fields): Fields | undefined {
    if (typeof signature === 'string' && signature !== '') this.signature.push(signature);
    if (typeof thinking !== 'string' || thinking === '') return undefined;
    this.words.push(thinking);
    return { reasoning_content: this.thoughts.words(thinking) };
  }

  end(): Fields | undefined {
    const signature = this.signature.join('');
    return signature === '' ? undefined : this.thoughts.add({ type: 'thinking', thinking: this.words.join(''), signature });
  }
}

/** A thought that the provider keeps to itself. */
export class OpenRedacted implements OpenBlock {
  constructor(
    private readonly block: Fields,
    private readonly thoughts: AnswerThoughts,
  ) {}

  begin(): Fields | undefined {
    const { type, data } = this.block;
    return typeof data === 'string' && data !== '' ? this.thoughts.add({ type, data }) : undefined;
  }

  grow(): undefined {
    return undefined;
  }

  end(): undefined {
    return undefined;
  }
}

/** A call of a function: its arguments are said as they come. */
export class OpenCall implements OpenBlock {
  private hasInput = false;

  constructor(
    private readonly block: Fields,
    private readonly index: number,
  ) {}

  begin(): Fields {
    const { id, name } = this.block;
    return { tool_calls: [{ index: this.index, id, type: 'function', function: { name, arguments: '' } }] };
  }

  grow({ partial_json: piece }: Fields): Fields | undefined {
    if (typeof piece !== 'string' || piece === '') return undefined;
    this.hasInput = true;
    return { tool_calls: [{ index: this.index, function: { arguments: piece } }] };
  }

  /** A call whose input came in no piece has it in its beginning. */
  end(): Fields | undefined {
    return this.hasInput ? undefined : this.grow({ partial_json: inputText(this.block) });
  }
}

/** A call of a custom tool: it is said when its text is whole. */
export class OpenCustomCall implements OpenBlock {
  private readonly pieces: string[] = [];

  constructor(
    private readonly block: Fields,
    private readonly index: number,
    private readonly tools: ToldTools,
  ) {}

  begin(): undefined {
    return undefined;
  }

  grow({ partial_json: piece }: Fields): undefined {
    if (typeof piece === 'string') this.pieces.push(piece);
    return undefined;
  }

  end(): Fields {
    const input = this.pieces.join('') || inputText(this.block);
    return { tool_calls: [{ index: this.index, ...wholeCall(this.block, input, this.tools) }] };
  }
}
