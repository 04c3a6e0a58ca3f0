import type { ChatStreamFilterOptions } from '../../src/modules/inference/wire/sse-filter.js';
import { readUsage, type UsageTokens } from '../../src/modules/inference/wire/usage-tokens.js';

export type Json = Record<string, unknown>;

/** What a client may read of a stream, and how it ended. */
export interface Expected {
  events: Json[];
  complete: boolean;
  usage: UsageTokens | null;
  failed: boolean;
}

/** The slow truth: the whole text at once, every event parsed. */
export function reference(text: string, options: ChatStreamFilterOptions): Expected {
  const result: Expected = { events: [], complete: false, usage: null, failed: false };
  const finished = new Set<unknown>();
  const blocks = text
    .replace(/^\ufeff/, '')
    .replace(/\r\n|\r/g, '\n')
    .split('\n\n');
  let done = false;
  for (const [position, block] of blocks.entries()) {
    const fields = block.split('\n').map((line) => /^([^:]+): ?([\s\S]*)$/.exec(line));
    const data = fields
      .filter((field) => field?.[1] === 'data')
      .map((field) => field?.[2])
      .join('\n')
      .trim();
    const isLast = position === blocks.length - 1;
    const saysError = fields.findLast((field) => field?.[1] === 'event')?.[2] === 'error';
    result.failed = saysError && fields.some((field) => field?.[1] === 'data') && !isLast;
    done ||= data.startsWith('[DONE]') && !saysError;
    if (result.failed || done) break;
    if (!data.startsWith('{')) continue;
    let event: Json;
    try {
      event = JSON.parse(data) as Json;
    } catch {
      result.failed = !isLast;
      break;
    }
    const choices = Array.isArray(event.choices) ? (event.choices as Json[]) : [];
    result.failed = [event, ...choices].some(
      ({ error, object, finish_reason: reason }) => Boolean(error) || object === 'error' || reason === 'error',
    );
    result.failed ||= saysError;
    if (result.failed) break;
    for (const choice of choices) if (choice.finish_reason) finished.add(choice.index ?? 0);
    if (typeof event.usage === 'object' && event.usage !== null) {
      result.usage = readUsage(event.usage) ?? result.usage;
      if (!options.usageAsked) {
        delete event.usage;
        if (choices.length === 0) continue;
      }
    }
    if (!('choices' in event) && (typeof event.usage !== 'object' || event.usage === null)) continue;
    if (typeof event.model === 'string') event.model = options.publishedName;
    result.events.push(event);
  }
  result.complete = !result.failed && (finished.size >= options.choices || (done && finished.size > 0));
  return result;
}
