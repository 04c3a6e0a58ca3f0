/** The version of the set of Harbor actions and the hash of what is material in it. Written by `npm run docs`; do not edit. */
export const actionSet = {
  version: 5,
  sha256: '64421e377bd42e6a85c80a64dc10ecbfd0925a6cc9b4092783dd0233fb32661b',
} as const;
