import { defaultContextTokens } from '../../../../contracts/agent-spec.js';
import { tokensForAnswer } from '../../call/answer-room.js';
import type { DocumentContext } from '../../call/document-context.js';
import { estimateTokens, estimateTokensOfBytes } from '../../call/token-estimate.js';
import { findMember } from '../../wire/json-body.js';
import { givenMember } from './responses-request.js';
import type { AskedResponse } from './sent-request.js';

/** How many tokens of its model's context a request leaves for its input, beside what comes with it and the answer. */
export function tokensForInput(response: AskedResponse, documents: DocumentContext | undefined): number {
  const context = response.endpoint.agent?.context_tokens ?? defaultContextTokens;
  const { body } = response.asked;
  const longest = givenMember(body, 'max_output_tokens');
  const tools = findMember(body.scan, 'tools');
  const asked =
    estimateTokens(response.instructions() ?? '') +
    (documents?.mostTokens ?? estimateTokens(documents?.text ?? '')) +
    estimateTokensOfBytes(tools === undefined ? 0 : tools.valueEnd - tools.valueStart);
  return context - asked - tokensForAnswer(context, typeof longest === 'number' ? longest : undefined);
}
