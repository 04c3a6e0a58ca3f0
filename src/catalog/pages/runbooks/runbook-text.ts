import type { Evidence } from '../../runbooks/evidence-hash.js';
import { filled, type Filling } from '../../runbooks/filling.js';
import type { RunbookRow } from '../../runbooks/runbook-row.js';
import { headOf, sectionsOf } from './runbook-sections.js';

/** The runbook as plain text, to be sent to whoever sets the product up. @param runs as `headOf`. */
export function runbookText(row: RunbookRow, filling: Filling, runs?: readonly Evidence[]): string {
  const { title, placed, preset, evidence, summary } = headOf(row, runs);
  const sections = sectionsOf(row, filling.aliases).map(({ title: heading, kind, lines }) =>
    [`${heading}:`, ...lines.map((line, place) => (kind === 'numbered' ? `${place + 1}. ${line}` : `- ${line}`))].join('\n'),
  );
  const files = row.snippets.map(({ file, lines }) => [`${file}:`, ...lines.map((line) => `    ${line}`)].join('\n'));
  const parts = [title, placed, `Recommended key preset: ${preset}`, `Evidence: ${evidence}`, summary, ...sections, ...files];
  return filled(`${parts.join('\n\n')}\n`, filling);
}
