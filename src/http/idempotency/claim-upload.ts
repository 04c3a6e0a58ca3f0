import type { FastifyRequest } from 'fastify';
import { multipartRequestHash, requestHead, type MultipartParts } from './request-hash.js';
import { RepeatedAnswer } from '../reply/repeated-answer.js';

/**
 * For the handler of an upload: claims the request's `Idempotency-Key` when the fields and the files' hashes are known,
 * before anything is made of them. When it throws, whatever it throws, the upload is to be thrown away and the error
 * passed on. Does nothing for a request without the header.
 * @throws RepeatedAnswer, which the filter sends; AppError idempotency_mismatch, idempotency_in_progress, overloaded.
 */
export async function claimUpload(request: FastifyRequest, parts: MultipartParts): Promise<void> {
  const answer = await request.gt.idempotency?.claim(multipartRequestHash(requestHead(request), parts));
  if (answer !== undefined) throw new RepeatedAnswer(answer);
}
