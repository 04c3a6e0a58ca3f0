import { builtInPreset } from '../../presets.js';
import { checklistOf } from '../../runbooks/checklist.js';
import type { Evidence } from '../../runbooks/evidence-hash.js';
import { evidenceText } from '../../runbooks/evidence.js';
import { caveatsOf, limitsOf, prerequisitesOf, stepsOf } from '../../runbooks/guidance.js';
import { mappingOf } from '../../runbooks/mapping.js';
import type { RunbookRow } from '../../runbooks/runbook-row.js';
import { compatibilities } from '../../../contracts/runbook-words.js';

/** A part of a runbook. One of which there is nothing to say says so. */
export interface Section {
  readonly title: string;
  readonly kind: 'list' | 'numbered' | 'mapping';
  readonly lines: readonly string[];
}

/** What stands above the sections. @param runs what the page knows of runs: by default those of the product itself. */
export function headOf(row: RunbookRow, runs?: readonly Evidence[]) {
  const preset = row.preset === null ? undefined : builtInPreset(row.preset);
  return {
    title: `${row.name} runbook`,
    placed: `${compatibilities[row.compatibility]} · ${row.category}`,
    preset: preset === undefined ? 'none' : `${preset.name} (\`${preset.slug}\`)`,
    evidence: evidenceText(row, runs),
    summary: row.summary,
  };
}

/** The sections of a runbook in the order in which every form of it has them, the files aside. */
export function sectionsOf(row: RunbookRow, aliases: readonly string[]): Section[] {
  const sections: readonly Section[] = [
    { title: 'Official documentation', kind: 'list', lines: row.docs },
    { title: 'Configuration fields', kind: 'list', lines: settingsOf(row) },
    {
      title: 'GT route mapping',
      kind: 'mapping',
      lines: mappingOf(row).map(({ method, path, verdict, integration }) => `${method} ${path} (${verdict}): ${integration}`),
    },
    { title: 'Not supported in this product', kind: 'list', lines: limitsOf(row) },
    { title: 'Prerequisites', kind: 'list', lines: prerequisitesOf(row, aliases) },
    { title: 'Setup steps', kind: 'numbered', lines: stepsOf(row) },
    { title: 'GT extensions and caveats', kind: 'list', lines: caveatsOf(row) },
    { title: 'Validation checklist', kind: 'list', lines: [...checklistOf(row).map(({ text }) => text), ...row.validation] },
  ];
  return sections.map((section) => (section.lines.length > 0 ? section : { ...section, kind: 'list', lines: ['None.'] }));
}

function settingsOf({ baseUrl, fields, env }: RunbookRow): string[] {
  const why = baseUrl.why === undefined ? '' : ` (${baseUrl.why.replace(/\.$/, '')})`;
  return [
    ...(baseUrl.value === null ? [] : [`Base URL: \`${baseUrl.value}\`${why}`]),
    ...fields.map(
      ({ where, value, note }) => `${where}: ${quoted(value)}${note === undefined ? '' : ` (${note.replace(/\.$/, '')})`}`,
    ),
    ...env.map(
      ({ name, value, note }) =>
        `\`${name}\`: ${value === null ? 'leave it unset' : quoted(value)}${note === undefined ? '' : ` (${note.replace(/\.$/, '')})`}`,
    ),
  ];
}

function quoted(value: string): string {
  return value === '' ? '' : `\`${value}\``;
}
