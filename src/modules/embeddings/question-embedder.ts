import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { Log } from '../../observability/log.js';
import { EmbeddingClient, type EmbeddingCall } from './embedding-client.js';

const timeoutMs = 30_000;

/** Makes the vectors of questions that a search can do without. */
@Injectable()
export class QuestionEmbedder {
  constructor(
    private readonly embeddings: EmbeddingClient,
    private readonly log: Log,
  ) {}

  /** The vectors in the order of the texts; null when the model does not answer within 30 s or `signal` ends the wait. */
  async embed({ signal, ...call }: Omit<EmbeddingCall, 'signal'> & { readonly signal?: AbortSignal | undefined }) {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const ended = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
      const vectors = await this.embeddings.embed({ ...call, signal: ended });
      return vectors.map((vector) => [...vector]);
    } catch (error) {
      if (!(error instanceof AppError) && !(error instanceof DOMException)) throw error;
      this.log.warn('a question could not be embedded; the search goes by words alone', {
        request_id: call.requestId,
        error: error.message,
      });
      return null;
    }
  }
}
