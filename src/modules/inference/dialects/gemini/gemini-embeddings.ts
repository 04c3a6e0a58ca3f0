import { isFields, isGiven, type Fields } from '../../../../kernel/fields.js';
import { saysError } from '../../../provider-answers/answer-fault.js';
import type { DialectRequest, EmbeddingsDialect } from '../dialect.js';
import { readTexts } from '../asked/read-texts.js';
import { geminiModel, geminiPath } from './gemini-model.js';
import { chatUsage } from './gemini-usage.js';

/** Members that are said, or meant for the platform. All others are hints. */
const known = new Set(['model', 'input', 'dimensions', 'encoding_format']);

/**
 * Embeddings by `batchEmbedContents`, which takes texts only. Google takes at most 100 of them in one request. Vectors come as
 * they are: those that are shorter than the model's own may not be of length 1.
 */
export const geminiEmbeddings: EmbeddingsDialect = {
  request: (body, { path }): DialectRequest => {
    const model = geminiModel(body['model']);
    const { dimensions } = body;
    const further = isGiven(dimensions) ? { outputDimensionality: dimensions } : {};
    const requests = readTexts(body['input']).map((text) => ({
      model: model.resource,
      content: { parts: [{ text }] },
      ...further,
    }));
    return {
      path: geminiPath(model, 'batchEmbedContents', path),
      body: { requests },
      leftOut: Object.keys(body).filter((name) => !known.has(name) && isGiven(body[name])),
    };
  },
  whole: (given): Fields => {
    if (saysError(given)) {
      const { error } = given;
      const said = isFields(error) ? error['message'] : error;
      return { error: { message: typeof said === 'string' ? said : '' } };
    }
    const { embeddings, usageMetadata: usage } = given;
    if (!Array.isArray(embeddings)) return {};
    const vectors = (embeddings as unknown[]).map((one) => (isFields(one) ? one['values'] : undefined));
    if (!vectors.every(Array.isArray)) return {};
    const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
    return { data, ...usageOf(isFields(usage) ? usage : undefined) };
  },
};

function usageOf(told: Fields | undefined): Fields {
  const usage = chatUsage(told);
  if (usage === undefined) return {};
  const { prompt_tokens: prompt, total_tokens: total = prompt } = usage;
  return { usage: { prompt_tokens: prompt, total_tokens: total } };
}
