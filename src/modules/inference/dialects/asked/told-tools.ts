import type { Fields } from '../../../../kernel/fields.js';
import { readTools } from './read-tools.js';

/** What of a request decides how calls in its answer are told. */
export interface ToldTools {
  /** Names of tools that take a text. */
  readonly customs: ReadonlySet<unknown>;
  /** The client asked with the deprecated `functions`. */
  readonly isLegacy: boolean;
}

/** @param chat as for `ChatDialect.reader`. */
export function toldTools(chat: Fields): ToldTools {
  const { tools, isLegacy } = readTools(chat);
  return { customs: new Set(tools.filter(({ isCustom }) => isCustom).map(({ name }) => name)), isLegacy };
}
