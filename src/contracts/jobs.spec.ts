import { describe, expect, it } from '@jest/globals';
import { jobCatalogue, type JobRow } from './jobs.js';

const rows = Object.entries<JobRow>(jobCatalogue.jobs);
const queues: readonly string[] = Object.keys(jobCatalogue.queues);

describe('the job catalogue', () => {
  it.each(rows)('%s waits in a queue of the catalogue', (_name, row) => {
    expect(queues).toContain(row.queue);
  });

  it.each([...rows.map(([name]) => name), ...queues])('%s is a name that both backends accept', (name) => {
    expect(name).toMatch(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$/);
  });

  it.each(rows)('%s has limits that let it run and end', (_name, row) => {
    expect(row.retry.attempts).toBeGreaterThanOrEqual(1);
    expect(row.retry.backoffMs).toBeGreaterThan(0);
    expect(row.timeoutMs).toBeGreaterThan(0);
  });

  it.each(rows.filter(([, row]) => row.schedule !== undefined))(
    '%s can be started by the schedule, and one run ends before the next begins',
    (_name, row) => {
      expect(row.payload.parse({})).toEqual({});
      expect(row.timeoutMs).toBeLessThan(row.schedule?.everyMs ?? 0);
    },
  );
});
