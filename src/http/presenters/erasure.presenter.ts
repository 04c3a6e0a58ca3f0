import { erasureProof, erasureStates, type ErasureObject } from '../../contracts/erasures.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { ErasureRecord } from '../../modules/erasure/erasures.service.js';

/** An erasure, with what the last search has found. */
export function presentErasure(erasure: ErasureRecord): ErasureObject {
  return {
    object: 'erasure',
    id: erasure.id,
    tenant: erasure.tenant,
    slug: erasure.slug,
    state: erasureStates.find((state) => state === erasure.state) ?? 'running',
    attempts: erasure.attempts,
    failure: erasure.failure,
    proof: erasureProof.nullable().parse(erasure.proof),
    created_at: toUnixSeconds(erasure.createdAt),
    finished_at: erasure.finishedAt === null ? null : toUnixSeconds(erasure.finishedAt),
  };
}
