import type { FastifyRequest } from 'fastify';
import { AppError, overloaded } from '../../kernel/app-error.js';
import type { BodyBudget } from '../body/json-body.js';
import { RequestBytes } from '../uploads/request-bytes.js';

/** A form of more bytes is not held. */
const mostFormBytes = 20 * 1024 * 1024;

/**
 * The form of a request that is to be held, as bytes.
 * @throws AppError approval_required for one that is too large to be held; 400, 408, 503.
 */
export async function readForm(request: FastifyRequest, budget: Pick<BodyBudget, 'take'>): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  const source = new RequestBytes(request.raw, { maxBytes: Number.MAX_SAFE_INTEGER });
  try {
    if (announced > mostFormBytes) throw tooLarge();
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) {
      bytes += chunk.length;
      if (bytes > mostFormBytes) throw tooLarge();
      if (!budget.take(request, chunk.length)) throw overloaded();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    source.stop();
  }
}

/** The bytes of a form as they say which request it is: each sending of it has a boundary of its own. */
export function withoutBoundary(contentType: string, form: Buffer): Buffer {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  return boundary === undefined ? form : Buffer.from(form.toString('latin1').replaceAll(`--${boundary}`, '--'), 'latin1');
}

function tooLarge(): AppError {
  return new AppError('approval_required', {
    message: `This call needs an approval, and a form of more than ${mostFormBytes / 1024 / 1024} MiB cannot be held. Ask an administrator of your tenant.`,
  });
}
