import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { usageError } from './cli-error.js';

/**
 * A YAML (or JSON) file whose top is an object. @param path `-` reads standard input.
 * @throws CliError with file, line and column.
 */
export function readYamlFile(path: string): Record<string, unknown> {
  const text = readText(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw usageError(`${path}:${line}:${col}: ${fault.message}.`);
  }
  const value = toJs(path, () => document.toJS({ maxAliasCount: 100 }) as unknown);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usageError(`${path}: the file must hold an object at its top.`);
  return value as Record<string, unknown>;
}

function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read (${code ?? 'unknown error'}).`);
  }
}

function toJs(path: string, work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    throw usageError(`${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
