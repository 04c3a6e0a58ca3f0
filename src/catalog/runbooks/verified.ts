import type { Evidence } from './evidence-hash.js';

/** The product's own runs. Written by `gt runbook verify --all --record`; do not edit. */
export const verified: readonly Evidence[] = [];
