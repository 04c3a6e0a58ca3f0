import { fieldPath, plainWords } from '../../../../contracts/field-faults.js';
import { fileSearchTool, usualResults } from '../../../../contracts/file-search.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { FileSearch } from '../../call/file-search.js';
import { invalid, missing } from '../../call/request-body.js';
import { plainOf } from '../../wire/exact-json.js';
import type { JsonBody } from '../../wire/json-body.js';
import { offeredTools, readTools, type OfferedTools, type ToolRights } from '../tools/offered-tools.js';
import type { OwnTool } from './response-frame.js';
import { givenMember } from './responses-request.js';

const type = 'file_search';

/** The tools of a request, and the search among them that the platform makes itself. */
export interface AskedTools extends Omit<OfferedTools, 'choice'> {
  /** `tool_choice` as the provider is told it; undefined where it goes on as it was given. */
  readonly choice: unknown;
  readonly search?: FileSearch;
  readonly own?: OwnTool;
}

/**
 * The tools of a request for a response, held to the rule of `offeredTools`. A search in files is the platform's to make: no
 * provider is told of it, and what is asked of the tools besides goes on. A search that must be made has been made by then, so
 * the provider is free to answer.
 * @throws AppError as `offeredTools`, and for what is wrong with the search; invalid_value for a second one.
 */
export function askedTools(body: JsonBody, rights: ToolRights): AskedTools {
  const tools = readTools(body);
  const choice = givenMember(body, 'tool_choice');
  const places = Array.isArray(tools) ? [...tools.keys()].filter((at) => isSearch((tools as unknown[])[at])) : [];
  const [at, second] = places;
  if (at === undefined) return offeredTools(tools, choice, rights);
  if (second !== undefined) throw invalid(`tools[${second}]`, `expected only one tool of the type '${type}'`);
  const tool = (tools as Fields[])[at] as Fields;
  const left = choiceWithout(choice);
  const { leftOut, ...offered } = offeredTools(tools, left, rights);
  return {
    ...offered,
    leftOut: leftOut.toSpliced(leftOut.indexOf(type), 1),
    choice: offered.choice ?? (left === choice ? undefined : left),
    search: { ...readTool(tool, `tools[${at}]`), isWanted: allowsSearch(choice) },
    own: { tool, at, choice },
  };
}

function readTool(tool: Fields, place: string): Omit<FileSearch, 'isWanted'> {
  const result = fileSearchTool.safeParse(plainOf(tool), { reportInput: true });
  if (!result.success) {
    const [issue] = result.error.issues;
    const param = fieldPath([...(issue?.path ?? [])]);
    const named = param === '' ? place : `${place}.${param}`;
    throw issue?.code === 'invalid_type' && issue.input === undefined
      ? missing(named)
      : invalid(named, plainWords(issue?.message ?? 'expected a tool'));
  }
  const { vector_store_ids: ids, max_num_results: most, filters, ranking_options: ranking } = result.data;
  const hybrid = ranking?.hybrid_search;
  const stores = ids.map((id, index) => ({ id, param: `${place}.vector_store_ids[${index}]` }));
  return {
    stores,
    limit: most ?? usualResults,
    filters: filters ?? undefined,
    threshold: ranking?.score_threshold ?? undefined,
    ranker: ranking?.ranker ?? undefined,
    weights: hybrid == null ? undefined : { vectors: hybrid.embedding_weight, words: hybrid.text_weight },
  };
}

/** A call of another tool may be asked for, or none at all: then nothing is searched. */
function allowsSearch(choice: unknown): boolean {
  if (!isFields(choice)) return choice !== 'none';
  const { type: kind, tools } = choice;
  if (kind === 'allowed_tools') return Array.isArray(tools) && (tools as unknown[]).some(isSearch);
  return kind === type;
}

/** What the provider is told of the choice: itself where nothing changes. */
function choiceWithout(choice: unknown): unknown {
  if (choice === 'required' || isSearch(choice)) return 'auto';
  if (!isFields(choice) || choice['type'] !== 'allowed_tools' || !Array.isArray(choice['tools'])) return choice;
  const tools = choice['tools'] as unknown[];
  if (!tools.some(isSearch)) return choice;
  const left = tools.filter((tool) => !isSearch(tool));
  return left.length === 0 ? 'none' : { ...choice, tools: left, mode: 'auto' };
}

function isSearch(tool: unknown): tool is Fields {
  return isFields(tool) && tool['type'] === type;
}
