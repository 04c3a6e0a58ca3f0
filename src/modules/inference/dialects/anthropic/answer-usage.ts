import { givenMembers, isFields, type Fields } from '../../../../kernel/fields.js';
import { numberOf } from '../../wire/exact-json.js';

const counted = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'] as const;
type Count = (typeof counted)[number] | 'thinking_tokens';

/**
 * The tokens of one answer. A stream tells them at its beginning and at its end, each time as a sum; some providers tell 0
 * of what they do not know yet, so the higher figure counts.
 */
export class AnswerUsage {
  private readonly counts = new Map<Count, number>();

  take(usage: unknown): void {
    if (!isFields(usage)) return;
    for (const name of counted) this.count(name, usage[name]);
    const { output_tokens_details: details, cache_creation: written } = usage;
    if (isFields(written)) this.count('cache_creation_input_tokens', writtenOf(written));
    if (isFields(details)) this.count('thinking_tokens', details['thinking_tokens']);
  }

  /** As a chat tells them, cached tokens within those of the prompt; undefined where nothing was told. */
  get asChat(): Fields | undefined {
    if (this.counts.size === 0) return undefined;
    const [input, output] = [this.counts.get('input_tokens'), this.counts.get('output_tokens')];
    const [read, written] = [this.counts.get('cache_read_input_tokens'), this.counts.get('cache_creation_input_tokens')];
    const prompt = input === undefined ? undefined : input + (read ?? 0) + (written ?? 0);
    return givenMembers({
      prompt_tokens: prompt,
      completion_tokens: output,
      total_tokens: prompt === undefined || output === undefined ? undefined : prompt + output,
      prompt_tokens_details: told({ cached_tokens: read, cache_write_tokens: written }),
      completion_tokens_details: told({ reasoning_tokens: this.counts.get('thinking_tokens') }),
    });
  }

  private count(name: Count, value: unknown): void {
    const tokens = numberOf(value);
    if (tokens === undefined || !Number.isSafeInteger(tokens) || tokens < 0) return;
    this.counts.set(name, Math.max(tokens, this.counts.get(name) ?? 0));
  }
}

/** What was written to the cache, by how long it stays: some tell it without the sum. */
function writtenOf({ ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour }: Fields): number | undefined {
  const [short, long] = [numberOf(minutes), numberOf(hour)];
  return short === undefined && long === undefined ? undefined : (short ?? 0) + (long ?? 0);
}

function told(details: Fields): Fields | undefined {
  const given = givenMembers(details);
  return Object.keys(given).length === 0 ? undefined : given;
}
