import { Injectable } from '@nestjs/common';
import { CompletionStore } from '../../stored-completions/completion-store.js';
import type { CallDraft } from '../call/call-plan.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { KeepingStage } from '../call/stage.js';
import { StoredStage } from './stored-stage.js';

/** Stores the answers of calls whose clients asked for that. */
@Injectable()
export class StoredCalls {
  constructor(private readonly store: CompletionStore) {}

  /** The stage that stores the call, where its client asked for that. @throws AppError for a request that cannot be stored. */
  open(draft: CallDraft, { identity }: InferenceRequest): KeepingStage | undefined {
    const call = draft.openStored?.();
    if (call === undefined) return undefined;
    const { tenantId, id: keyId } = identity.key;
    return new StoredStage(call, {
      insert: (tx, made) => this.store.insertIn(tx, { tenantId, keyId }, made),
      run: (work) => this.store.run(tenantId, work),
    });
  }
}
