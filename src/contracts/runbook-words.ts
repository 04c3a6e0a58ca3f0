/** What a product is; the index and the matrix are in this order. */
export const runbookCategories = [
  'SDK and HTTP',
  'Chat workspaces',
  'Developer tooling',
  'Framework and orchestration',
  'Workflow and builders',
  'Not a direct client',
] as const;

/** How a product gets on with the platform, and what its page says of it. */
export const compatibilities = {
  native: 'Native OpenAI-compatible',
  guided: 'Guided OpenAI-compatible setup',
  ext: 'OpenAI plus GT extensions',
  http: 'Plain HTTP only (no model-provider slot)',
  no: 'Not supported as a direct client',
} as const;

export type Compatibility = keyof typeof compatibilities;

/**
 * What a product's base URL must look like. `v1` ends in `/api/tenant/v1`, `root` in `/api/tenant`; of `either` the product
 * makes the same. `full` is the address of one route, `host_plus_path` is asked for in two fields, `none` is for
 * products that take none.
 */
export const baseUrlRules = ['v1', 'root', 'either', 'full', 'host_plus_path', 'none'] as const;

/**
 * When a product calls a route: with every use, where one of its features is used, or where a setting or a name makes it
 * leave its usual way.
 */
export const routeUses = ['always', 'optional', 'fallback'] as const;

export const verdicts = ['native', 'gt_extension', 'not_supported'] as const;

export type Verdict = (typeof verdicts)[number];
