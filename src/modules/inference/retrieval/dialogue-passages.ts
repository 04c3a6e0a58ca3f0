import { Injectable } from '@nestjs/common';
import { Log } from '../../../observability/log.js';
import type { Passage } from '../../retrieval/passage.js';
import { RetrievalService } from '../../retrieval/retrieval.service.js';
import type { CallDraft } from '../call/call-plan.js';
import type { Dialogue } from '../call/dialogue.js';
import { nothingFound, type DocumentContext } from '../call/document-context.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { contextOf, mostTokensOf } from './context-of-passages.js';
import { FileSearches, type FoundPassages, type JudgedSearch } from './file-searches.js';
import { PassageTargetsRepository } from './passage-targets.repository.js';
import { QuestionVectors, type SearchingCall } from './question-vectors.js';
import { rejectionOf } from './rejection-of.js';

/** A call, as far as documents may help to answer it. */
export interface DialogueQuestion extends SearchingCall {
  /** What the caller has asked last, as a text. */
  readonly text: string;
  /** The conversation that the call is a turn of. */
  readonly conversationId: string | undefined;
  /** The search that the call itself asks for; undefined where it wants none. */
  readonly search?: { readonly judged: JudgedSearch; readonly text: string } | undefined;
}

const mostPassages = 8;
/** A call waits no longer for its passages; then it is answered without them. */
const searchTimeoutMs = 8_000;

/**
 * Finds the passages that a call is answered from: in the datasets of its agent, whatever datasets the key itself may
 * use, in the files of its conversation that are ready, and in the stores that the call itself names. Documents help an answer
 * and never prevent one: whatever fails here is logged, and the call goes on with less.
 */
@Injectable()
export class DialoguePassages {
  constructor(
    private readonly targets: PassageTargetsRepository,
    private readonly retrieval: RetrievalService,
    private readonly vectors: QuestionVectors,
    private readonly searches: FileSearches,
    private readonly log: Log,
  ) {}

  /**
   * The search that a request wants to be made for it; undefined where it wants none. What it names is judged in any case.
   * @throws AppError not_found for a store that it may not name.
   */
  async judge({ fileSearch }: Dialogue, draft: CallDraft, request: InferenceRequest): Promise<JudgedSearch | undefined> {
    if (fileSearch === undefined) return undefined;
    const judged = await this.searches.judge(fileSearch, draft, request);
    return fileSearch.isWanted ? judged : undefined;
  }

  /** Undefined when there is nothing to ask: no datasets, no store, and no file that is ready. @throws the signal's reason alone. */
  async of(question: DialogueQuestion): Promise<DocumentContext | undefined> {
    const [own, searched] = await Promise.all([this.own(question), this.searched(question)]);
    if (own === undefined && searched === undefined) return undefined;
    return contextOf({ own: own ?? [], searched }, question.draft);
  }

  /** The same for a call that is only counted: what quotations may have at most. No document is asked, and no model. */
  async atMost({ draft, request, conversationId, search }: DialogueQuestion): Promise<DocumentContext | undefined> {
    const { tenantId } = request.identity.key;
    const targets = await this.targets.find(tenantId, draft.endpoint.agent?.datasets ?? [], conversationId);
    if (targets.length === 0 && search === undefined) return hasDatasets(draft) ? nothingFound : undefined;
    return { ...nothingFound, mostTokens: mostTokensOf(draft, { own: targets.length > 0, searched: search !== undefined }) };
  }

  private async searched(question: DialogueQuestion): Promise<FoundPassages | undefined> {
    const { search } = question;
    return search === undefined ? undefined : this.searches.find(search.judged, search.text, question);
  }

  /** Undefined where there is nothing to search. */
  private async own(question: DialogueQuestion): Promise<readonly Passage[] | undefined> {
    const { draft, signal } = question;
    const ended = AbortSignal.any([signal, AbortSignal.timeout(searchTimeoutMs)]);
    try {
      return await Promise.race([this.find({ ...question, signal: ended }), rejectionOf(ended)]);
    } catch (error) {
      signal.throwIfAborted();
      this.warn('documents could not be asked; the call is answered without them', question, error);
      return hasDatasets(draft) ? [] : undefined;
    }
  }

  private async find(question: DialogueQuestion): Promise<readonly Passage[] | undefined> {
    const { draft, request, conversationId, text } = question;
    const { tenantId } = request.identity.key;
    const targets = await this.targets.find(tenantId, draft.endpoint.agent?.datasets ?? [], conversationId);
    if (targets.length === 0) return hasDatasets(draft) ? [] : undefined;
    try {
      return await this.retrieval.search(tenantId, targets, text, {
        limit: mostPassages,
        embed: this.vectors.of(question, targets),
      });
    } catch (error) {
      question.signal.throwIfAborted();
      this.warn('a search by meaning failed; it goes by words alone', question, error);
      return this.retrieval.search(tenantId, targets, text, { limit: mostPassages });
    }
  }

  private warn(what: string, { request }: DialogueQuestion, error: unknown): void {
    this.log.warn(what, { request_id: request.requestId, error: error instanceof Error ? error.message : String(error) });
  }
}

/** True for a dialogue with an agent that answers from datasets. */
export function hasDatasets({ kind, endpoint }: CallDraft): boolean {
  return endpoint.agent !== null && endpoint.agent.datasets.length > 0 && kind.isDialogue;
}
