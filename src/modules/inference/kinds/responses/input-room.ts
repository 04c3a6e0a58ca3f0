import { defaultContextTokens } from '../../../../contracts/agents.js';
import type { DocumentContext } from '../../call/document-context.js';
import { estimateTokens, estimateTokensOfBytes } from '../../call/token-estimate.js';
import { findMember } from '../../wire/json-body.js';
import { givenMember } from './responses-request.js';
import type { AskedResponse } from './sent-request.js';

/** What is left for the answer where the request does not say how long it may be; never more than half of the context. */
const answerTokens = 4_096;

/** How many tokens of its model's context a request leaves for its input, beside what comes with it and the answer. */
export function tokensForInput(response: AskedResponse, documents: DocumentContext | undefined): number {
  const context = response.endpoint.agent?.context_tokens ?? defaultContextTokens;
  const { body } = response.asked;
  const longest = givenMember(body, 'max_output_tokens');
  const answer = typeof longest === 'number' ? longest : Math.min(answerTokens, context / 4);
  const tools = findMember(body.scan, 'tools');
  const asked =
    estimateTokens(response.instructions() ?? '') +
    estimateTokens(documents?.text ?? '') +
    estimateTokensOfBytes(tools === undefined ? 0 : tools.valueEnd - tools.valueStart);
  return context - asked - Math.min(answer, context / 2);
}
