import type { IncomingMessage } from 'node:http';
import { bodyTooLarge } from './errors.js';

/**
 * The whole body of the request. Never settles when the client leaves in the middle: nobody waits for an answer then.
 * @throws SandboxError 413 above `limitBytes`.
 */
export function readWholeBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
      else reject(bodyTooLarge(limitBytes));
    });
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
  });
}
