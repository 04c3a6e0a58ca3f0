import type { Additions } from '../../call/dialogue.js';
import type { ResponseFrame } from './response-frame.js';
import type { AskedResponse } from './sent-request.js';
import { encryptedReasoning } from './sent-unchanged.js';

/** What the response to this request says of it. @param publishedName of the endpoint. */
export function frameOf(response: AskedResponse, publishedName: string, { conversationId }: Additions): ResponseFrame {
  const { asked, request, seals, tools } = response;
  return {
    model: publishedName,
    instructions: asked.instructions ?? null,
    previousResponseId: asked.previousResponseId ?? null,
    conversationId: conversationId ?? null,
    store: asked.store,
    truncates: asked.truncates,
    showsEncrypted: !asked.store || asked.include.includes(encryptedReasoning),
    ownTool: tools.own,
    origin: seals.origin,
    queued: request.background,
  };
}
