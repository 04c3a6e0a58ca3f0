/** The version of the set of Harbor actions and the hash of what is material in it. Written by `npm run docs`; do not edit. */
export const actionSet = {
  version: 4,
  sha256: 'e5f1e96427f50a0bd779ee87198eeef36193bd82523664eb0459ebe8e6b5a529',
} as const;
