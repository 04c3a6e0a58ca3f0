import { runbookMarkdown } from '../../catalog/pages/runbooks/runbook-page.js';
import { runbookText } from '../../catalog/pages/runbooks/runbook-text.js';
import { areasOf } from '../../catalog/runbooks/areas.js';
import { checklistOf } from '../../catalog/runbooks/checklist.js';
import type { Evidence } from '../../catalog/runbooks/evidence-hash.js';
import { evidenceText } from '../../catalog/runbooks/evidence.js';
import { filled, type Filling } from '../../catalog/runbooks/filling.js';
import { caveatsOf, limitsOf, prerequisitesOf, stepsOf } from '../../catalog/runbooks/guidance.js';
import { mappingOf } from '../../catalog/runbooks/mapping.js';
import type { RunbookRow } from '../../catalog/runbooks/runbook-row.js';
import { compatibilities } from '../../contracts/runbook-words.js';
import type { RunbookObject, RunbookSummary } from '../../contracts/runbooks.js';

/** A runbook in a list. @param runs the runs that are its evidence. */
export function presentRunbookSummary(row: RunbookRow, filling: Filling, runs: readonly Evidence[]): RunbookSummary {
  const { slug, name, category, compatibility, summary, preset, baseUrl } = row;
  return {
    object: 'runbook',
    id: slug,
    name,
    category,
    compatibility,
    compatibility_label: compatibilities[compatibility],
    summary,
    preset,
    base_url: filled(baseUrl.value, filling),
    ...areasOf(row),
    evidence: evidenceText(row, runs),
  };
}

/** What a tenant's runbook is shown with. */
export interface RunbookContext {
  readonly filling: Filling;
  /** The published names that it is filled in with. */
  readonly names: RunbookObject['filled_with']['names'];
  /** The runs that are its evidence. */
  readonly runs: readonly Evidence[];
}

/** A whole runbook. */
export function presentRunbook(row: RunbookRow, { filling, names, runs }: RunbookContext): RunbookObject {
  return {
    ...presentRunbookSummary(row, filling, runs),
    ...filled(partsOf(row, filling.aliases), filling),
    filled_with: { origin: filling.origin, names },
    text: runbookText(row, filling, runs),
    markdown: runbookMarkdown(row, filling, runs),
  };
}

function partsOf(row: RunbookRow, aliases: readonly string[]) {
  return {
    base_url_rule: row.baseUrl.rule,
    configuration: {
      fields: row.fields,
      environment: row.env,
      files: row.snippets.map(({ lines, ...file }) => ({ ...file, content: lines.join('\n') })),
    },
    routes: mappingOf(row).map(({ route, ...mapped }) => ({ id: route, ...mapped })),
    alternatives: row.alternatives,
    not_supported: limitsOf(row),
    prerequisites: prerequisitesOf(row, aliases),
    steps: stepsOf(row),
    caveats: caveatsOf(row),
    checks: checklistOf(row).map(({ id, text }) => ({ id, text })),
    docs: row.docs,
  };
}
