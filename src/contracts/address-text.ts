import { normalAddress } from '../kernel/addresses.js';

/** An address alone: without a port, brackets or a zone, and in one of the usual forms. */
export function isAddress(text: string): boolean {
  return !/[[\]%]|\.\d+:/.test(text) && normalAddress(text) !== undefined;
}
