import { Injectable } from '@nestjs/common';
import { Log } from '../../../observability/log.js';
import { defaultContextTokens } from '../../../contracts/agents.js';
import { EndpointDirectory } from '../../agents/endpoint-directory.js';
import { EmbeddingClient } from '../../embeddings/embedding-client.js';
import { passageBlock } from '../../retrieval/passage-block.js';
import type { Passage } from '../../retrieval/passage.js';
import { RetrievalService } from '../../retrieval/retrieval.service.js';
import type { CallDraft } from '../call/call-plan.js';
import type { Dialogue } from '../call/dialogue.js';
import { nothingFound, type DocumentContext } from '../call/document-context.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { estimateTokens } from '../call/token-estimate.js';
import { PassageTargetsRepository, type PassageTarget } from './passage-targets.repository.js';

/** A call, as far as documents may help to answer it. */
export interface DialogueQuestion {
  readonly draft: CallDraft;
  readonly request: InferenceRequest;
  readonly dialogue: Dialogue;
  /** The conversation that the call is a turn of. */
  readonly conversationId: string | undefined;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

const mostPassages = 8;
const mostTokens = 2_000;
/** A call waits no longer for its passages; then it is answered without them. */
const searchTimeoutMs = 8_000;
/** Nor for the vector of its question; then the search goes by words alone. */
const embedTimeoutMs = 4_000;

/**
 * Finds the passages that a call is answered from: in the datasets of its agent, whatever datasets the key itself may
 * use, and in the files of its conversation that are ready. Documents help an answer and never prevent one: whatever fails
 * here is logged, and the call goes on with less.
 */
@Injectable()
export class DialoguePassages {
  constructor(
    private readonly targets: PassageTargetsRepository,
    private readonly retrieval: RetrievalService,
    private readonly embeddings: EmbeddingClient,
    private readonly endpoints: EndpointDirectory,
    private readonly log: Log,
  ) {}

  /** Undefined when there is nothing to ask: no datasets, and no file that is ready. @throws the signal's reason alone. */
  async of(question: DialogueQuestion): Promise<DocumentContext | undefined> {
    const { draft, signal } = question;
    const ended = AbortSignal.any([signal, AbortSignal.timeout(searchTimeoutMs)]);
    try {
      return await Promise.race([this.find({ ...question, signal: ended }), rejectionOf(ended)]);
    } catch (error) {
      signal.throwIfAborted();
      this.warn('documents could not be asked; the call is answered without them', question, error);
      return hasDatasets(draft) ? nothingFound : undefined;
    }
  }

  /** The same for a call that is only counted: what quotations may have at most. No document is asked, and no model. */
  async atMost({ draft, request, conversationId }: DialogueQuestion): Promise<DocumentContext | undefined> {
    const { tenantId } = request.identity.key;
    const targets = await this.targets.find(tenantId, draft.endpoint.agent?.datasets ?? [], conversationId);
    if (targets.length > 0) return { ...nothingFound, mostTokens: mostTokensOf(draft) };
    return hasDatasets(draft) ? nothingFound : undefined;
  }

  private async find(question: DialogueQuestion): Promise<DocumentContext | undefined> {
    const { draft, request, conversationId } = question;
    const { tenantId } = request.identity.key;
    const targets = await this.targets.find(tenantId, draft.endpoint.agent?.datasets ?? [], conversationId);
    if (targets.length === 0) return hasDatasets(draft) ? nothingFound : undefined;
    return contextOf(await this.search(tenantId, targets, question), draft);
  }

  private async search(tenantId: string, targets: readonly PassageTarget[], question: DialogueQuestion): Promise<Passage[]> {
    const text = question.dialogue.question();
    const embed = (texts: readonly string[], model: string): Promise<number[][] | null> =>
      this.embed(targets, model, texts, question);
    try {
      return await this.retrieval.search(tenantId, targets, text, { limit: mostPassages, embed });
    } catch (error) {
      question.signal.throwIfAborted();
      this.warn('a search by meaning failed; it goes by words alone', question, error);
      return this.retrieval.search(tenantId, targets, text, { limit: mostPassages });
    }
  }

  /** Null when the model does not answer: then the words are searched alone. */
  private async embed(
    targets: readonly PassageTarget[],
    model: string,
    texts: readonly string[],
    question: DialogueQuestion,
  ): Promise<number[][] | null> {
    const { request, signal } = question;
    const { tenantId, id: keyId } = request.identity.key;
    try {
      const connectionId = await this.connectionOf(targets, model, question);
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
      this.warn('a question could not be embedded; it is searched by its words alone', question, error);
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
    { draft, request }: DialogueQuestion,
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

  private warn(what: string, { request }: DialogueQuestion, error: unknown): void {
    this.log.warn(what, { request_id: request.requestId, error: error instanceof Error ? error.message : String(error) });
  }
}

/** True for a dialogue with an agent that answers from datasets. */
export function hasDatasets({ kind, endpoint }: CallDraft): boolean {
  return endpoint.agent !== null && endpoint.agent.datasets.length > 0 && kind.isDialogue;
}

function mostTokensOf({ endpoint }: CallDraft): number {
  const context = endpoint.agent?.context_tokens ?? defaultContextTokens;
  return Math.min(mostTokens, Math.floor(context / 4));
}

function contextOf(passages: readonly Passage[], draft: CallDraft): DocumentContext {
  const { text, sources } = passageBlock(passages, { maxTokens: mostTokensOf(draft), countTokens: estimateTokens });
  if (text === '') return nothingFound;
  return { text, hidden: sentencesOf(text), sources };
}

function sentencesOf(text: string): string[] {
  return text.split(/\n|(?<=[.!?。！？])\s*/).filter((sentence) => sentence.trim() !== '');
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
