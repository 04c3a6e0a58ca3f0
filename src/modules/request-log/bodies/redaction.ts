import type { PersonalDataKind, PromptPolicy } from '../../../contracts/prompt-policy.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { inSlices, type Steps } from '../../../kernel/steps.js';
import { redact } from '../../../observability/log.js';
import { foundValues, type FoundValue } from '../../inference/guardrails/found-values.js';
import type { FoundPattern, PatternFinder } from '../../inference/guardrails/pattern-finder.js';
import { findPersonalData } from '../../inference/guardrails/personal-data.js';
import { rulesOf, type TextRules } from '../../inference/guardrails/policy-rules.js';
import { stringLiterals } from './string-literals.js';

/** What is taken out of bodies beside what looks like a credential. */
interface Redaction {
  readonly data: ReadonlySet<PersonalDataKind>;
  readonly patterns: readonly PatternFinder[];
}

const nothing: Redaction = { data: new Set(), patterns: [] };

/**
 * A body's text without what looks like a credential, and without what the guardrails of the key look for on either side of a call,
 * whether they mask it or refuse it. In place of a value stands its kind: `[EMAIL]`.
 */
export async function redactedText(text: string, policy: PromptPolicy | null): Promise<string> {
  const wanted = policy === null ? nothing : await redactionOf(policy);
  return inSlices(isJson(text) ? maskStrings(text, wanted) : maskText(text, wanted));
}

/** Whether masked values are put back for clients: they may be cut anywhere in a stream. */
export async function restoresValues(policy: PromptPolicy | null): Promise<boolean> {
  return policy !== null && (await rulesOf(policy)).restores;
}

async function redactionOf(policy: PromptPolicy): Promise<Redaction> {
  const { input, output } = await rulesOf(policy);
  const sides: readonly TextRules[] = output === undefined ? [input] : [input, output];
  const data = new Set(sides.flatMap((side) => [...side.data.keys()]));
  const patterns = sides.flatMap((side) => side.patterns ?? []);
  return { data, patterns };
}

/** JSON, and the events of a stream. */
function isJson(text: string): boolean {
  return /^\s*(?:[[{]|data:|event:|:|")/.test(text);
}

function* maskStrings(text: string, wanted: Redaction): Steps<string> {
  let masked = '';
  let copied = 0;
  for (const { start, end } of stringLiterals(text)) {
    const said = parsedOrUndefined(`"${text.slice(start, end)}"`);
    if (typeof said !== 'string') continue;
    const kept = yield* maskText(said, wanted);
    if (kept === said) continue;
    masked += text.slice(copied, start) + JSON.stringify(kept).slice(1, -1);
    copied = end;
  }
  return masked + text.slice(copied);
}

function* maskText(given: string, { data, patterns }: Redaction): Steps<string> {
  const text = redact(given);
  yield;
  if (data.size === 0 && patterns.length === 0) return text;
  const matches: FoundPattern[] = [];
  for (const finder of patterns) {
    matches.push(...(yield* finder.find(text, 0)));
    yield;
  }
  let masked = '';
  let copied = 0;
  for (const value of foundValues(findPersonalData(text, 0, data), matches)) {
    masked += `${text.slice(copied, value.start)}[${nameOf(value)}]`;
    copied = value.end;
  }
  return masked + text.slice(copied);
}

function nameOf({ kinds: [kind] }: FoundValue): string {
  const name = typeof kind === 'string' ? kind : kind?.name;
  return (name ?? 'value').toUpperCase();
}
