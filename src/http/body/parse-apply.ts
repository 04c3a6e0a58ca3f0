import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { findDoubles } from '../../contracts/platform-file-doubles.js';
import { applyOutline, sentEntries, sentPrice, type ApplyRequest } from '../../contracts/platform-file.js';
import { mapInSlices } from '../../kernel/breather.js';
import { inputError, parseLargeBody } from './parse-input.js';

type Path = readonly (string | number)[];
type Outline = z.output<typeof applyOutline>['file']['tenants'][number];

/**
 * The body of an apply, checked as `parseBody` checks it by the request's schema: a file of thousands of objects takes
 * half a second, so it is parsed and its entries are read in slices, and other requests are served in between.
 * @throws AppError as `parseBody`.
 */
export async function parseApply(request: FastifyRequest): Promise<ApplyRequest> {
  const { file, ...options } = await parseLargeBody(request, applyOutline);
  const tenants: ApplyRequest['file']['tenants'] = [];
  for (const [at, outline] of file.tenants.entries()) tenants.push(await readTenant(outline, ['file', 'tenants', at]));
  const prices =
    file.prices === undefined
      ? undefined
      : await mapInSlices(file.prices, (value, at) => readEntry(value, sentPrice, ['file', 'prices', at]));
  findDoubles({ prices, tenants }, (path, message) => {
    throw inputError({ code: 'custom', path: ['file', ...path], message, input: undefined });
  });
  return { file: { prices, tenants }, ...options };
}

async function readTenant(outline: Outline, path: Path): Promise<ApplyRequest['file']['tenants'][number]> {
  const section = <Entry extends z.ZodType>(name: keyof typeof sentEntries, entry: Entry): Promise<z.output<Entry>[]> =>
    mapInSlices(outline[name] ?? [], (value, at) => readEntry(value, entry, [...path, name, at]));
  return {
    ...outline,
    connections: await section('connections', sentEntries.connections),
    prices: outline.prices === undefined ? undefined : await section('prices', sentEntries.prices),
    datasets: await section('datasets', sentEntries.datasets),
    presets: await section('presets', sentEntries.presets),
    agents: await section('agents', sentEntries.agents),
    endpoints: await section('endpoints', sentEntries.endpoints),
    keys: await section('keys', sentEntries.keys),
    budgets: outline.budgets === undefined ? undefined : await section('budgets', sentEntries.budgets),
  };
}

function readEntry<Entry extends z.ZodType>(value: unknown, entry: Entry, path: Path): z.output<Entry> {
  const result = entry.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue === undefined ? result.error : inputError({ ...issue, path: [...path, ...issue.path] });
}
