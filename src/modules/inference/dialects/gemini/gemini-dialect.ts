import type { ChatDialect } from '../dialect.js';
import { GeminiReader } from './gemini-reader.js';
import { geminiModel } from './gemini-model.js';
import { geminiRequest } from './gemini-request.js';
import { typesInPlace } from './media-parts.js';
import { hasSignedCall } from './thought-signatures.js';

/**
 * Gemini's own wire: `generateContent` and `streamGenerateContent?alt=sse` below a base URL that ends with `/v1beta`.
 *
 * A stream has no mark of its end: it is whole when an event has told why the answer ended. Google also writes an error into a
 * stream as plain JSON that is no event; who cuts the stream into events gives such a rest to the reader too.
 */
export const geminiChat: ChatDialect = {
  memberNames: [
    { sent: 'generation_config.max_output_tokens', asked: 'max_completion_tokens' },
    { sent: 'generation_config.stop_sequences', asked: 'stop' },
    { sent: 'generation_config.response_json_schema', asked: 'response_format.json_schema.schema' },
    { sent: 'generation_config.response_mime_type', asked: 'response_format' },
    { sent: 'generation_config.thinking_config', asked: 'reasoning_effort' },
    { sent: 'generation_config.temperature', asked: 'temperature' },
    { sent: 'generation_config.top_p', asked: 'top_p' },
    { sent: 'generation_config.top_k', asked: 'top_k' },
    { sent: 'generation_config.seed', asked: 'seed' },
    { sent: 'generation_config.presence_penalty', asked: 'presence_penalty' },
    { sent: 'generation_config.frequency_penalty', asked: 'frequency_penalty' },
    { sent: 'tool_config.function_calling_config', asked: 'tool_choice' },
    { sent: 'GenerateContentRequest.contents', asked: 'messages' },
    { sent: 'system_instruction', asked: 'messages' },
    { sent: 'contents', asked: 'messages' },
  ],
  request: geminiRequest,
  typesFor: (address, model) => typesInPlace(address, geminiModel(model)),
  isSigned: hasSignedCall,
  reader: (chat) => new GeminiReader(chat),
};
