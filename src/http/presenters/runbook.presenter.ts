import { runbookMarkdown } from '../../catalog/pages/runbooks/runbook-page.js';
import { runbookText } from '../../catalog/pages/runbooks/runbook-text.js';
import { areasOf } from '../../catalog/runbooks/areas.js';
import { checklistOf } from '../../catalog/runbooks/checklist.js';
import { evidenceText } from '../../catalog/runbooks/evidence.js';
import { filled, type Filling } from '../../catalog/runbooks/filling.js';
import { caveatsOf, limitsOf, prerequisitesOf, stepsOf } from '../../catalog/runbooks/guidance.js';
import { mappingOf } from '../../catalog/runbooks/mapping.js';
import type { RunbookRow } from '../../catalog/runbooks/runbook-row.js';
import { compatibilities } from '../../contracts/runbook-words.js';
import type { RunbookObject, RunbookSummary } from '../../contracts/runbooks.js';

/** A runbook in a list. */
export function presentRunbookSummary(row: RunbookRow, filling: Filling): RunbookSummary {
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
    evidence: evidenceText(row),
  };
}

/** A whole runbook. @param names the published names that it is filled in with. */
export function presentRunbook(row: RunbookRow, filling: Filling, names: RunbookObject['filled_with']['names']): RunbookObject {
  return {
    ...presentRunbookSummary(row, filling),
    ...filled(partsOf(row, filling.aliases), filling),
    filled_with: { origin: filling.origin, names },
    text: runbookText(row, filling),
    markdown: runbookMarkdown(row, filling),
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
