import type { DiscoveryService } from '@nestjs/core';
import { jobCatalogue, type JobName, type Jobs } from '../contracts/jobs.js';
import type { JobHandlers, JobRun } from '../platform/queue/job-run.js';
import { processesKey } from './processes.decorator.js';

/** The job catalogue and the processors do not fit. Start-up prints every line and ends. */
export class JobTableError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'JobTableError';
  }
}

interface Found {
  readonly className: string;
  readonly process: (payload: unknown, run: JobRun) => Promise<void>;
}

/**
 * The handler of every job in the catalogue, by name, from the processors of the modules.
 * @throws JobTableError with a line for each job that has no processor or several.
 */
export function handlersOf(discovery: Pick<DiscoveryService, 'getProviders'>): JobHandlers<Jobs> {
  const found = new Map<string, Found[]>();
  for (const { instance, metatype } of discovery.getProviders()) {
    if (metatype == null || !isProcessor(instance)) continue;
    const name = Reflect.getMetadata(processesKey, metatype) as JobName | undefined;
    if (name === undefined) continue;
    const process: Found['process'] = (payload, run) => instance.process(payload, run);
    found.set(name, [...(found.get(name) ?? []), { className: metatype.name, process }]);
  }
  const lines: string[] = [];
  const handlers = Object.keys(jobCatalogue.jobs).map((name) => {
    const [processor, ...others] = found.get(name) ?? [];
    if (processor === undefined) lines.push(`The job "${name}" has no processor.`);
    else if (others.length > 0)
      lines.push(`The job "${name}" has the processors ${[processor, ...others].map(({ className }) => className).join(', ')}.`);
    return [name, processor?.process];
  });
  if (lines.length > 0) throw new JobTableError(lines);
  return Object.fromEntries(handlers) as JobHandlers<Jobs>;
}

function isProcessor(instance: unknown): instance is { process: Found['process'] } {
  return typeof instance === 'object' && instance !== null && typeof (instance as { process?: unknown }).process === 'function';
}
