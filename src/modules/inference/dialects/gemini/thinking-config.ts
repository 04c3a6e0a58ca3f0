import type { Fields } from '../../../../kernel/fields.js';
import { invalid } from '../../call/request-body.js';
import type { GeminiModel } from './gemini-model.js';

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
type Effort = (typeof efforts)[number];

/** Tokens for thoughts of a Gemini 2.5: those that Google's own form for OpenAI's clients has for each effort. */
const budgets: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};

/** A Gemini 2.5 Pro always thinks. */
const leastOfPro = 128;
const mostOfPro = 32_768;

/**
 * `thinkingConfig` for a `reasoning_effort`: a level for Gemini 3 and later, a budget for Gemini 2.5. An effort that a model
 * does not have becomes the nearest one; `none` is the least that it can. Thoughts are told in words, except with `none`.
 * @returns undefined for models that cannot be asked to think.
 * @throws AppError invalid_value.
 */
export function thinkingConfig(given: unknown, model: GeminiModel): Fields | undefined {
  const effort = efforts.find((one) => one === given);
  if (effort === undefined) throw invalid('reasoning_effort', `expected one of ${efforts.join(', ')}`);
  const told = effort === 'none' ? {} : { includeThoughts: true };
  if (model.generation === '3') return { thinkingLevel: levelOf(effort, model), ...told };
  if (model.generation === '2.5') return { thinkingBudget: budgetOf(effort, model), ...told };
  return undefined;
}

function levelOf(effort: Effort, model: GeminiModel): string {
  switch (effort) {
    case 'none':
    case 'minimal':
      return hasMinimal(model) ? 'minimal' : 'low';
    case 'low':
      return 'low';
    case 'medium':
      return /^gemini-3-pro/.test(model.name) ? 'high' : 'medium';
    default:
      return 'high';
  }
}

/** Gemini 3 to 3.6 Flash, and each Flash-Lite, have the level `minimal`; others refuse it. */
function hasMinimal({ name, version }: GeminiModel): boolean {
  return /flash-lite/.test(name) || (/flash/.test(name) && version !== undefined && version < 3.7);
}

function budgetOf(effort: Effort, { name }: GeminiModel): number {
  if (!/^gemini-2\.5-pro/.test(name)) return budgets[effort];
  if (effort === 'none') return leastOfPro;
  return effort === 'xhigh' || effort === 'max' ? mostOfPro : budgets[effort];
}
