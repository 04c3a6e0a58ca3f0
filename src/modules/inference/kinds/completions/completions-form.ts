import type { ChoicesForm } from '../choices/choices-form.js';

/** Legacy completions: prompts in, a text in each choice. */
export const completionsForm: ChoicesForm = {
  path: 'completions',
  input: 'prompt',
  eventObject: 'text_completion',
  idPrefix: 'cmpl-',
  stores: false,
  repeating: ['echo', 'prompt_logprobs', 'return_token_ids'],
  eventChoices: (choice) => [{ ...choice, finish_reason: choice['finish_reason'] ?? 'stop' }],
};
