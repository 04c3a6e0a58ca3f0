import type { ChatDialect } from '../dialect.js';
import { toldTools } from '../asked/told-tools.js';
import { AnswerReader } from './answer-reader.js';
import { requestOf } from './request.js';
import { hasThoughts } from './thought-blocks.js';

/**
 * The Messages API of Anthropic. The connection's base URL ends with the version (`…/v1`); the header `anthropic-version`
 * belongs to the connection.
 */
export const anthropic: ChatDialect = {
  memberNames: [
    { sent: 'stop_sequences', asked: 'stop' },
    { sent: 'output_config.format', asked: 'response_format' },
    { sent: 'output_config.effort', asked: 'reasoning_effort' },
    { sent: 'thinking.budget_tokens', asked: 'reasoning_effort' },
    { sent: 'thinking.type', asked: 'reasoning_effort' },
    { sent: 'metadata.user_id', asked: 'user' },
    { sent: 'disable_parallel_tool_use', asked: 'parallel_tool_calls' },
    { sent: 'input_schema', asked: 'parameters' },
  ],
  request: requestOf,
  isSigned: hasThoughts,
  reader: (chat) => new AnswerReader(toldTools(chat)),
};
