import type { TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { CallPlan } from '../../call/call-plan.js';
import type { Additions } from '../../call/dialogue.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KindFacts } from '../../call/kind-facts.js';
import type { MemberName } from '../../call/member-names.js';
import { instructionMessages, instructionText } from '../../call/instructions.js';
import { flagMember, invalid, missing } from '../../call/request-body.js';
import { findMember, readMember } from '../../wire/json-body.js';
import type { Edit } from '../../wire/json-edit.js';
import type { ScannedMember } from '../../wire/json-scan.js';
import { ChoicesAnswer } from '../choices/choices-answer.js';
import { ChoicesDraft } from '../choices/choices-draft.js';
import { answerId } from '../choices/choices-form.js';
import { chatForm } from '../chat/chat-form.js';
import { overResponses } from '../chat/over-responses/over-responses.js';
import { completionsForm } from './completions-form.js';
import { chatEdits } from './over-chat/chat-edits.js';
import { LegacyMembers } from './over-chat/legacy-members.js';
import { onePrompt } from './over-chat/one-prompt.js';
import { OverChatAnswer } from './over-chat/over-chat-answer.js';
import { countPrompts, promptWithInstructions, readPrompt } from './prompts.js';

/** What all choices together may repeat of the prompt, where the platform itself repeats it. */
const maxEchoCharacters = 1024 * 1024;

/** A legacy completion request: to a provider that has no legacy completions it goes as a chat. */
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

  override plan(additions: Additions = {}): CallPlan {
    return this.target.connection.hasCompletions ? super.plan(additions) : this.chatPlan(additions);
  }

  protected override inputEdit(): Edit | undefined {
    const { agent } = this.endpoint;
    const policy = this.request.identity.key.promptPolicy;
    if (!this.target.connection.hasCompletions) {
      const lead = instructionMessages(agent, policy);
      const before = lead === undefined ? [] : [lead, Buffer.from(',')];
      const { valueStart, valueEnd } = onePrompt(this.body, this.member);
      const prompt = this.body.bytes.subarray(valueStart, valueEnd);
      const asked = [Buffer.from('{"role":"user","content":'), prompt, Buffer.from('}')];
      return { op: 'set', key: 'messages', value: Buffer.concat([Buffer.from('['), ...before, ...asked, Buffer.from(']')]) };
    }
    const text = instructionText(agent, policy);
    if (text === '') return undefined;
    return { op: 'set', key: 'prompt', value: promptWithInstructions(readPrompt(this.body, this.member), text) };
  }

  protected override prompts(): number {
    return this.target.connection.hasCompletions ? countPrompts(this.body) : 1;
  }

  /** The call as a chat. @throws AppError unsupported_parameter for what a chat cannot say, invalid_value. */
  private chatPlan(additions: Additions): CallPlan {
    const { publishedName, usageAsked } = this;
    const { connection } = this.target;
    flagMember(this.body, 'echo');
    const members = new LegacyMembers(this.body, this.edits, this.endpoint.agent);
    const echo = members.says('echo') ? (readMember(this.body.bytes, onePrompt(this.body, this.member)) as string) : '';
    const alternatives = members.number('logprobs');
    const fixesTools = this.edits.has('tools');
    const choices = this.askedChoices();
    if (echo.length * choices > maxEchoCharacters) throw invalid('echo', 'the prompt is too long to be repeated in each choice');
    for (const edit of chatEdits(members)) this.edits.set(edit.key, edit);
    const legacy = super.plan(additions);
    const form = new ChoicesAnswer(chatForm, publishedName, usageAsked, choices);
    const plain: CallPlan = { ...legacy, path: this.target.paths.chat, answer: form, streamed: form, inputMoved: true };
    const isOverResponses = connection.wire === 'responses';
    const plan = isOverResponses ? overResponses(plain, { usageAsked, form, leftOut: [], fixesTools }) : plain;
    const id = answerId(completionsForm, this.request.requestId);
    const whole = new ChoicesAnswer(completionsForm, publishedName, usageAsked, choices);
    const answer = new OverChatAnswer({ id, model: publishedName, echo, alternatives }, plan.streamed ?? form, whole);
    return { ...plan, answer, streamed: legacy.streamed && answer, memberNames: asPrompt(plan.memberNames) };
  }
}

/** What a legacy completion calls members of the chat that it goes as. */
function asPrompt(names: readonly MemberName[] = []): readonly MemberName[] {
  const inChat = names.map((name) => (name.asked === 'messages' ? { ...name, asked: 'prompt' } : name));
  return [...inChat, { sent: 'messages', asked: 'prompt' }];
}
