import type { VectorHit, VectorScope } from '../vector-search.js';

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
  | { readonly kind: 'close' };

/** Its answer to a search. */
export type ThreadReply =
  { readonly id: number; readonly hits: readonly VectorHit[] } | { readonly id: number; readonly failure: string };
