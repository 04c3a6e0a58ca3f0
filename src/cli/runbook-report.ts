import { writeFileSync } from 'node:fs';
import type { RunbookVerification, StepOutcome, VerificationStep } from '../contracts/runbook-verifications.js';
import { CliError } from './cli-error.js';
import { printable, table } from './table.js';

const words: Readonly<Record<StepOutcome, string>> = { pass: 'PASS', fail: 'FAIL', skipped: 'SKIPPED' };

const headings = { prerequisites: 'Prerequisites', setup: 'Setup steps', checklist: 'Validation checklist' } as const;

/** A run for people: a line for each step, and below a failed one its cause and its cure. */
export function reportText(verification: RunbookVerification): string {
  const { name, way, package: real, base_url: baseUrl, model, steps, scopes, outcome, calls } = verification;
  const by = way === 'package' ? `the real client, ${real ?? ''}` : 'a client made from the data of the runbook (emulator)';
  const parts = [
    `${name}, verified by ${by}`,
    `Base URL ${baseUrl ?? '-'}, model ${model ?? '-'}`,
    ...(['prerequisites', 'setup', 'checklist'] as const).flatMap((phase) => [
      '',
      `${headings[phase]}:`,
      ...steps.filter((step) => step.phase === phase).flatMap(stepLines),
    ]),
    '',
    ...(scopes === null
      ? []
      : [`Scopes exercised: ${listed(scopes.exercised)}; granted and not exercised: ${listed(scopes.unused)}.`]),
    `${words[outcome]}: ${calls} requests.`,
  ];
  return `${parts.map(printable).join('\n')}\n`;
}

/** A step for people. */
export function stepLines({ text, outcome, detail, cause, cure }: VerificationStep): string[] {
  const lines = [`  ${words[outcome].padEnd(7)}  ${text}`, `           ${detail}`];
  return cause === null ? lines : [...lines, `           Cause: ${cause}. Cure: ${cure ?? ''}`];
}

/** Runs in a table, and what failed in full. */
export function summaryText(done: readonly RunbookVerification[]): string {
  const count = ({ steps }: RunbookVerification, wanted: StepOutcome): number =>
    steps.filter(({ outcome }) => outcome === wanted).length;
  const rows = done.map((run) => ({
    ...{ product: run.runbook, result: words[run.outcome], way: run.way },
    ...{ passed: count(run, 'pass'), failed: count(run, 'fail'), skipped: count(run, 'skipped'), requests: run.calls },
    cause: run.steps.flatMap(({ cause }) => (cause === null ? [] : [cause])),
  }));
  const failed = done.filter(({ outcome }) => outcome === 'fail');
  const counts = `${done.filter(({ outcome }) => outcome === 'pass').length} of ${done.length} passed, ${failed.length} failed.`;
  return `${[...failed.map((run) => `${reportText(run)}\n`), table(columns, rows)].join('')}\n${counts}\n`;
}

const columns = ['product', 'result', 'way', 'passed', 'failed', 'skipped', 'requests', 'cause'];

/** Runs in the form that build servers read: a suite for each product, a case for each step. */
export function junitOf(done: readonly RunbookVerification[]): string {
  const suites = done.map(({ runbook, steps }) => {
    const cases = steps.map((step) => testCase(runbook, step));
    return `  <testsuite name="${xml(runbook)}"${counts(steps)}>\n${cases.join('\n')}\n  </testsuite>`;
  });
  const steps = done.flatMap((run) => run.steps);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="gt runbook verify"${counts(steps)}>\n${suites.join('\n')}\n</testsuites>\n`;
}

function testCase(runbook: string, { phase, id, text, outcome, detail, cause, cure }: VerificationStep): string {
  const open = `    <testcase classname="${xml(`${runbook}.${phase}`)}" name="${xml(`${id}: ${text}`)}"`;
  if (outcome === 'pass') return `${open} />`;
  const inner =
    outcome === 'skipped'
      ? `<skipped message="${xml(detail)}" />`
      : `<failure type="${cause ?? ''}" message="${xml(detail)}">${xml(cure ?? '')}</failure>`;
  return `${open}>${inner}</testcase>`;
}

function counts(steps: readonly VerificationStep[]): string {
  const of = (wanted: StepOutcome): number => steps.filter(({ outcome }) => outcome === wanted).length;
  return ` tests="${steps.length}" failures="${of('fail')}" skipped="${of('skipped')}"`;
}

/** Text within XML, without the characters that it cannot hold. */
function xml(text: string): string {
  const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return printable(text).replace(/[&<>"]/g, (mark) => marks[mark] ?? '');
}

/** @throws CliError when the file cannot be written. */
export function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new CliError(1, [`${file} cannot be written: ${cause instanceof Error ? cause.message : ''}`], { cause });
  }
}

function listed(scopes: readonly string[]): string {
  return scopes.length === 0 ? 'none' : scopes.join(', ');
}
