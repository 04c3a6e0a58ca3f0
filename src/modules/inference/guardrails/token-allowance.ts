import { countUsage } from '../counting/count-usage.js';
import { refused } from './refusals.js';

/** No token stands for more bytes: the longest ones are runs of blanks. */
const mostBytesOfToken = 256;

/** How many tokens an input may still have. Most inputs are so short that nothing needs to be counted. */
export class TokenAllowance {
  /** As many as there can be at the most of all that was taken so far. */
  private taken = 0;

  constructor(
    private readonly tenantId: string,
    private readonly most: number,
  ) {}

  /**
   * Takes texts.
   * @param bytes of the texts, as they are encoded.
   * @param tokens that stand beside them as numbers.
   * @param list makes a body whose `input` are the texts, where they must be counted.
   * @throws AppError content_policy when they are too many.
   */
  async take(bytes: number, tokens: number, list: () => Promise<Buffer>): Promise<void> {
    const { most } = this;
    if (this.taken + bytes + tokens > most) {
      if (tokens + bytes / mostBytesOfToken > most) throw this.tooMany();
      const { inputTokens } = await countUsage(this.tenantId, await list(), { form: 'json', bytes: [] });
      this.taken += inputTokens + tokens;
      if (this.taken > most) throw this.tooMany();
    } else this.taken += bytes + tokens;
  }

  private tooMany(): Error {
    return refused('max_input_tokens', `it has more than ${this.most} tokens`);
  }
}
