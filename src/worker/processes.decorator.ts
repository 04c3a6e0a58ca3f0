import { applyDecorators, Injectable, SetMetadata } from '@nestjs/common';
import type { JobName, JobPayload } from '../contracts/jobs.js';
import type { JobRun } from '../platform/queue/job-run.js';

/** Where the decorator leaves the job's name. */
export const processesKey = 'gt:processes';

/** What runs one kind of job. The payload is parsed; the job may run more than once. */
export interface JobProcessor<N extends JobName> {
  process(payload: JobPayload<N>, run: JobRun): Promise<void>;
}

/** Puts a processor on its row of the job catalogue. */
export function Processes(name: JobName): ClassDecorator {
  return applyDecorators(Injectable(), SetMetadata(processesKey, name));
}
