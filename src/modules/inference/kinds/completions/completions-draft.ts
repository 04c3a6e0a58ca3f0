import type { TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { instructionText } from '../../call/instructions.js';
import { invalid, missing } from '../../call/request-body.js';
import { findMember } from '../../wire/json-body.js';
import type { Edit } from '../../wire/json-edit.js';
import type { ScannedMember } from '../../wire/json-scan.js';
import { ChoicesDraft } from '../choices/choices-draft.js';
import type { ChoicesForm } from '../choices/choices-form.js';
import { countPrompts, promptWithInstructions, readPrompt } from './prompts.js';

/** Legacy completions: prompts in, a text in each choice. */
const completionsForm: ChoicesForm = {
  path: 'completions',
  input: 'prompt',
  eventObject: 'text_completion',
  idPrefix: 'chatcmpl-',
  stores: false,
  repeating: ['echo', 'prompt_logprobs', 'return_token_ids'],
  eventChoices: (choice) => [{ ...choice, finish_reason: choice['finish_reason'] ?? 'stop' }],
};

/** A legacy completion request. */
export class CompletionsDraft extends ChoicesDraft {
  readonly dialogue = undefined;
  private readonly member: ScannedMember;

  constructor(kind: KindFacts, request: InferenceRequest, endpoints: TenantEndpoints) {
    super(kind, request, endpoints, completionsForm);
    const member = findMember(this.body.scan, 'prompt');
    if (member === undefined) throw missing('prompt');
    if (member.kind !== 'string' && member.kind !== 'array') throw invalid('prompt', 'expected a string or an array');
    this.member = member;
  }

  protected override inputEdit(): Edit | undefined {
    const text = instructionText(this.endpoint.agent, this.request.identity.key.promptPolicy);
    if (text === '') return undefined;
    return { op: 'set', key: 'prompt', value: promptWithInstructions(readPrompt(this.body, this.member), text) };
  }

  protected override prompts(): number {
    return countPrompts(this.body);
  }
}
