/** The version of the set of Harbor actions and the hash of what is material in it. Written by `npm run docs`; do not edit. */
export const actionSet = {
  version: 1,
  sha256: '6bb12f43aed5158536d26ee41ca203599e143a623bb86adcfd5800bbd161c34b',
} as const;
