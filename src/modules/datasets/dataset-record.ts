import type { Dataset, DatasetRecall } from '../../platform/database/generated/client.js';

/** A dataset's row, the slug of its tenant, and the name of the connection that embeds its passages. */
export interface DatasetRecord extends Dataset {
  readonly tenant: { readonly slug: string };
  readonly connection: { readonly name: string };
  /** What was measured of its searches, where it is large. */
  readonly recall: DatasetRecall | null;
}
