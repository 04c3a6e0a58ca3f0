/**
 * The bytes that JSON is built of. V8 folds a module's own private constants into its loops; one that is imported or
 * exported it reads at every step. A loop over megabytes that does little else takes private copies: see `json-size.ts`.
 */
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
