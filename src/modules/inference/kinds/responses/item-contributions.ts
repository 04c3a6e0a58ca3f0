import type { Fields } from '../../../../kernel/fields.js';
import type { Contribution } from '../../call/contributions.js';
import type { ReferencedItems } from '../../call/dialogue.js';
import { referenceOf } from './responses-request.js';

/** Items of the model besides its messages and its calls. */
const ofModel: ReadonlySet<unknown> = new Set(['compaction', 'mcp_approval_request', 'mcp_list_tools', 'program', 'reasoning']);
const instructing: ReadonlySet<unknown> = new Set(['system', 'developer']);

/** What an item of an input contributes to its conversation. One that only refers to another is what that is. */
export function contributionOfItem(item: Fields, referenced: ReferencedItems): Contribution {
  const reference = referenceOf(item);
  if (reference === undefined) return { ...saidBy(item), id: textOf(item['id']) };
  const kept = referenced.get(reference);
  return { ...(kept === undefined ? { by: 'model' } : saidBy(JSON.parse(kept.json) as Fields)), id: reference };
}

function saidBy({ type, role, call_id, execution }: Fields): Contribution {
  if (type === 'message' || type === undefined || type === null)
    return { by: instructing.has(role) ? 'instructions' : role === 'assistant' ? 'model' : 'caller' };
  const call = textOf(call_id);
  const name = String(type);
  if (ofModel.has(type) || name.endsWith('_call')) return { by: 'model', calls: call === undefined ? [] : [call] };
  // What a provider has found by itself is its own.
  return { by: execution === 'server' ? 'model' : 'caller', resultOf: name.endsWith('_output') ? call : undefined };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
