import { isFields, isGiven, type Fields } from '../../../../kernel/fields.js';
import { unsupported } from '../../call/request-body.js';
import { numberOf } from '../../wire/exact-json.js';
import type { EmbeddingsDialect } from '../dialect.js';
import { readTexts } from '../asked/read-texts.js';

/** Members that are said, or meant for the platform. All others are hints. */
const known = new Set(['model', 'input', 'dimensions', 'encoding_format']);

/**
 * Embeddings by a package, of texts only.
 * @param withDimensions the package's own options for vectors of this length of a model; undefined where it has none.
 */
export function sdkEmbeddings(withDimensions?: (dimensions: unknown, model: string) => Fields): EmbeddingsDialect {
  return {
    request: (body) => {
      const { model, input, dimensions } = body;
      const values = readTexts(input);
      if (isGiven(dimensions) && withDimensions === undefined) throw unsupported('dimensions');
      const own = isGiven(dimensions) ? { providerOptions: withDimensions?.(dimensions, String(model)) } : {};
      return {
        path: '/embed',
        body: { model, values, ...own },
        leftOut: Object.keys(body).filter((name) => !known.has(name) && isGiven(body[name])),
      };
    },
    whole: ({ embeddings, usage }) => {
      if (!Array.isArray(embeddings)) return {};
      const data = (embeddings as unknown[]).map((embedding, index) => ({ object: 'embedding', index, embedding }));
      const tokens = isFields(usage) ? numberOf(usage['tokens']) : undefined;
      return { data, ...(tokens === undefined ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }) };
    },
  };
}
