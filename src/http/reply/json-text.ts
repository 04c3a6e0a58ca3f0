import type { FastifyReply } from 'fastify';
import { overloaded } from '../../kernel/app-error.js';
import type { ShareBudget } from '../../kernel/share-budget.js';

/** The media type of our JSON. */
export const jsonMediaType = 'application/json; charset=utf-8';

/** So little is not worth counting: a connection costs as much. */
const smallBytes = 64 * 1024;

/**
 * For a handler that has its answer as JSON already, which may be long: what it returns is what the handler returns. It
 * counts against the tenant's share of all replies until the client has it.
 * @throws AppError overloaded when the tenant's clients have not taken enough of what they asked for.
 */
export function sendJson(reply: FastifyReply, replies: ShareBudget, tenantId: string, json: string): Buffer {
  const bytes = Buffer.from(json);
  const { raw } = reply;
  if (bytes.length > smallBytes && !raw.destroyed) {
    if (!replies.take(tenantId, bytes.length)) throw overloaded();
    raw.once('close', () => replies.giveBack(tenantId, bytes.length));
  }
  void reply.type(jsonMediaType);
  return bytes;
}
