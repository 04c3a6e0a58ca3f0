import { dirname } from 'node:path';

/** The pure modules that mutation tests change: the only list of them. Their unit tests lie beside them. */
export const modules = [
  ...[
    'approval',
    'budget-verdict',
    'decide',
    'explain',
    'facts',
    'linked-keys',
    'narrowing',
    'needs',
    'match-route',
    'base-url',
    'purposes',
    'spellings',
  ].map((name) => `src/catalog/${name}.ts`),
  ...['addresses', 'fair-places', 'share-budget'].map((name) => `src/kernel/${name}.ts`),
  ...['budget-period', 'budget-standing', 'refused-budgets'].map((name) => `src/modules/budgets/${name}.ts`),
  ...['key-changes', 'key-coverage', 'key-facts', 'key-granting', 'key-grants', 'key-links', 'new-fields'].map(
    (name) => `src/modules/keys/${name}.ts`,
  ),
  ...[
    'answered-in-time',
    'call-limit',
    'lease',
    'limit-error',
    'limit-groups',
    'parallel-lease',
    'prompt-estimates',
    'rate-headers',
    'rate-lease',
    'recent-use',
    'waiting-line',
  ].map((name) => `src/modules/limits/${name}.ts`),
  ...['cost', 'expected-charge', 'price-of-call', 'price-terms'].map((name) => `src/modules/prices/${name}.ts`),
  ...['budget-book', 'budget-error', 'budget-lease', 'claims', 'expected', 'last-charges'].map(
    (name) => `src/modules/spending/${name}.ts`,
  ),
  ...['call-size', 'entry'].map((name) => `src/modules/usage/gates/${name}.ts`),
];

/** Where the tests of these are. */
export const specFolders = [...new Set(modules.map((module) => dirname(module)))];
