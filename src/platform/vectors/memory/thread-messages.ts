import type { RecallSample, VectorHit, VectorKind, VectorScope } from '../vector-search.js';

/** What the thread is asked to do. */
export type ThreadRequest =
  | {
      readonly kind: 'nearest';
      readonly id: number;
      readonly tenantId: string;
      readonly scope: VectorScope;
      readonly query: Float32Array;
      readonly limit: number;
    }
  | {
      readonly kind: 'recall';
      readonly id: number;
      readonly tenantId: string;
      readonly of: VectorKind;
      readonly questions: number;
    }
  | { readonly kind: 'close' };

/** Its answer to a search, or what it measured. */
export type ThreadAnswer =
  { readonly hits: readonly VectorHit[] } | { readonly recall: RecallSample | null } | { readonly failure: string };

/** `bytes`: what it has of vectors and signs in memory by then. */
export type ThreadReply = ThreadAnswer & { readonly id: number; readonly bytes: number };
