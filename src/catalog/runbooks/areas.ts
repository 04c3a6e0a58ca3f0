import type { Verdict } from '../../contracts/runbook-words.js';
import type { RouteId } from '../routes.js';
import type { RunbookRow } from './runbook-row.js';

/** What the compatibility matrix compares. */
const areas = {
  chat: (route: RouteId) => ['chat.completions.create', 'responses.create', 'completions.create'].includes(route),
  /** Uploads into datasets and conversations, and files of their own. */
  files: (route: RouteId) => /^(datasets|conversations)\.files\.|^files\.|^uploads\./.test(route),
  /** What the platform keeps of conversations and responses. */
  persistence: (route: RouteId) => /^conversations\.|^responses\.(get|delete|cancel|input_items)/.test(route),
} as const;

/** What a product does in each area: the first of the verdicts that one of its routes there has. */
export function areasOf({ routes }: RunbookRow): Record<keyof typeof areas, Verdict> {
  const verdictIn = (belongs: (route: RouteId) => boolean): Verdict => {
    const found = new Set(routes.filter(({ route }) => belongs(route)).map(({ verdict }) => verdict));
    return (['native', 'gt_extension'] as const).find((verdict) => found.has(verdict)) ?? 'not_supported';
  };
  return { chat: verdictIn(areas.chat), files: verdictIn(areas.files), persistence: verdictIn(areas.persistence) };
}
