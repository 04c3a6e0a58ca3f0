import { Injectable } from '@nestjs/common';
import { Log } from '../../../observability/log.js';
import { EndpointDirectory } from '../../agents/endpoint-directory.js';
import { EmbeddingClient } from '../../embeddings/embedding-client.js';
import type { EmbedTexts } from '../../retrieval/retrieval.service.js';
import type { CallDraft } from '../call/call-plan.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { estimateTokens } from '../call/token-estimate.js';
import type { PassageTarget } from './passage-targets.repository.js';

/** A call whose question is searched with, and what ends the wait for it. */
export interface SearchingCall {
  readonly draft: CallDraft;
  readonly request: InferenceRequest;
  readonly signal: AbortSignal;
}

/** A search waits no longer for the vector of its question; then it goes by words alone. */
const embedTimeoutMs = 4_000;

/** Makes the vectors of questions, on the account of the key that asks. */
@Injectable()
export class QuestionVectors {
  constructor(
    private readonly embeddings: EmbeddingClient,
    private readonly endpoints: EndpointDirectory,
    private readonly log: Log,
  ) {}

  /** For a search in these targets. Null when a model does not answer: then the words are searched alone. */
  of(call: SearchingCall, targets: readonly PassageTarget[]): EmbedTexts {
    return (texts, model) => this.embed(call, targets, model, texts);
  }

  private async embed(
    call: SearchingCall,
    targets: readonly PassageTarget[],
    model: string,
    texts: readonly string[],
  ): Promise<number[][] | null> {
    const { request, signal } = call;
    const { tenantId, id: keyId } = request.identity.key;
    try {
      const connectionId = await this.connectionOf(targets, model, call);
      if (connectionId === undefined) return null;
      const vectors = await this.embeddings.embed({
        tenantId,
        keyId,
        requestId: request.requestId,
        route: 'retrieval.embed',
        connectionId,
        model,
        texts,
        countedTokens: estimateTokens(texts),
        signal: AbortSignal.any([signal, AbortSignal.timeout(embedTimeoutMs)]),
      });
      return vectors.map((vector) => [...vector]);
    } catch (error) {
      signal.throwIfAborted();
      this.log.warn('a question could not be embedded; it is searched by its words alone', {
        request_id: request.requestId,
        error: error instanceof Error ? error.message : String(error),
      });
      return null;
    }
  }

  /**
   * The connection of the dataset that names the model. Files of a conversation tell only their model: the call's endpoint
   * has it, else the default one, else any.
   */
  private async connectionOf(
    targets: readonly PassageTarget[],
    model: string,
    { draft, request }: SearchingCall,
  ): Promise<string | undefined> {
    const named = targets.find(({ embeddingModel, connectionId }) => embeddingModel === model && connectionId !== null);
    if (named !== undefined) return named.connectionId ?? undefined;
    const { byDefault, byName } = await this.endpoints.of(request.identity.key.tenantId);
    for (const endpoint of [draft.endpoint, byDefault, ...byName.values()]) {
      const target = endpoint?.targets.get('embed');
      if (target?.model === model) return target.connection.id;
    }
    return undefined;
  }
}
