import { isFields, type Fields } from '../../../../kernel/fields.js';
import { namesObjects } from './named-objects.js';
import { mayUse, offeredTools, type ToolRights } from './offered-tools.js';

/** Items that bring tools along. */
const bringing: ReadonlySet<unknown> = new Set(['additional_tools', 'tool_search_output']);

/** An input whose items bring no tools that are not allowed. */
export interface OfferedInput {
  /** The same list where nothing is left out. */
  readonly items: readonly Fields[];
  readonly leftOut: readonly string[];
  readonly secrets: readonly string[];
}

/** Holds the tools that items of an input bring to the same rule as those of the request. @throws AppError as `offeredTools`. */
export function offeredInput(items: readonly Fields[], rights: ToolRights): OfferedInput {
  if (!items.some(bringsTools)) return { items, leftOut: [], secrets: [] };
  const leftOut: string[] = [];
  const secrets: string[] = [];
  const offered = items.map((item, at) => {
    if (!bringsTools(item)) return item;
    const { kept, ...told } = offeredTools(item['tools'], undefined, rights, `input[${at}].tools`);
    leftOut.push(...told.leftOut);
    secrets.push(...told.secrets);
    return kept === undefined ? item : { ...item, tools: kept };
  });
  return { items: leftOut.length === 0 ? items : offered, leftOut, secrets };
}

/**
 * Items that were said before, without the tools that are not allowed by now. None of them may name objects: what a request
 * brings was judged with it, what was put into a conversation was not.
 */
export function usableInput(items: readonly Fields[], rights: ToolRights): readonly Fields[] {
  if (!items.some(bringsTools)) return items;
  return items.map((item) =>
    bringsTools(item)
      ? {
          ...item,
          tools: (item['tools'] as unknown[]).filter((tool) => isFields(tool) && mayUse(tool, rights) && !namesObjects(tool)),
        }
      : item,
  );
}

/** The tools that these items bring along. */
export function broughtTools(items: readonly Fields[]): Fields[] {
  return items.flatMap((item) => (bringsTools(item) ? (item['tools'] as unknown[]).filter(isFields) : []));
}

function bringsTools({ type, tools }: Fields): boolean {
  return bringing.has(type) && Array.isArray(tools);
}
