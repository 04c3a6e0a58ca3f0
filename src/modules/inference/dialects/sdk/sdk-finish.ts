import { isFields } from '../../../../kernel/fields.js';

/** How an answer ended: with a reason that a chat knows, with a fault, or `cut`, where nobody has told why. */
export type SdkEnding = { readonly finish: 'stop' | 'length' | 'content_filter' } | { readonly fault: string } | 'cut';

/**
 * Packages tell an end even where the provider's stream was cut off; then there is no word of the provider with it. A reason that
 * they do not know leaves no answer that anybody could take for whole.
 */
export function sdkEnding(reason: unknown): SdkEnding {
  const { unified, raw } = isFields(reason) ? reason : {};
  switch (unified) {
    case 'stop':
    case 'tool-calls':
      return { finish: 'stop' };
    case 'length':
      return { finish: 'length' };
    case 'content-filter':
      return { finish: 'content_filter' };
    default:
      return typeof raw === 'string' ? { fault: `The model ended its answer with ${raw}.` } : 'cut';
  }
}
