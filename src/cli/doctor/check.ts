import { printable } from '../table.js';
import type { Diagnosis } from './diagnosis.js';
import { fieldDiagnoses } from './field-diagnoses.js';
import { serverDiagnoses } from './server-diagnoses.js';

export type FieldDiagnosisId = keyof typeof fieldDiagnoses;
export type ServerDiagnosisId = keyof typeof serverDiagnoses;
type DiagnosisId = FieldDiagnosisId | ServerDiagnosisId;

/** One thing that was looked at. */
export interface Check {
  readonly check: string;
  /** `skipped`: it could not be judged, and `detail` says why. */
  readonly state: 'ok' | 'skipped' | 'warning' | 'fault';
  /** False for a fault alone. */
  readonly ok: boolean;
  /** The row of docs/diagnoses.md; null when nothing is wrong. */
  readonly diagnosis: DiagnosisId | null;
  /** What was seen. */
  readonly detail: string;
  /** What to do; null when nothing is wrong. */
  readonly advice: string | null;
}

const diagnoses: Readonly<Record<DiagnosisId, Diagnosis>> = { ...fieldDiagnoses, ...serverDiagnoses };

export function well(check: string, detail: string): Check {
  return { check, state: 'ok', ok: true, diagnosis: null, detail, advice: null };
}

/** @param reason why it could not be judged. */
export function skipped(check: string, reason: string): Check {
  return { check, state: 'skipped', ok: true, diagnosis: null, detail: reason, advice: null };
}

/**
 * Something is wrong.
 * @param seen what was seen, added to the diagnosis' own sentence.
 * @param severity where this case is another one than usual.
 */
export function found(check: string, id: DiagnosisId, seen = '', severity = diagnoses[id].severity): Check {
  const { what, cure } = diagnoses[id];
  return {
    check,
    state: severity,
    ok: severity !== 'fault',
    diagnosis: id,
    detail: seen === '' ? what : `${what} ${seen}`,
    advice: cure,
  };
}

const marks: Readonly<Record<Check['state'], string>> = { ok: 'ok  ', skipped: 'skip', warning: 'WARN', fault: 'FAIL' };

/** A check as a line for people. */
export function checkLine({ check, state, diagnosis, detail, advice }: Check): string {
  const text = `${marks[state]}  ${check}: ${detail}`;
  return `${printable(advice === null ? text : `${text} ${advice} [${diagnosis}]`)}\n`;
}
