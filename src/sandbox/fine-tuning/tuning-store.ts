import { TuningJob, type NewTuningJob } from './tuning-job.js';

const mostJobs = 1000;

/** The last 1,000 jobs of one sandbox and the models that they have made. */
export class TuningStore {
  private readonly jobs = new Map<string, TuningJob>();
  private readonly removed = new Set<string>();

  add(made: NewTuningJob): TuningJob {
    const job = new TuningJob(made);
    this.jobs.set(made.id, job);
    const oldest = this.jobs.keys().next().value;
    if (this.jobs.size > mostJobs && oldest !== undefined) this.jobs.delete(oldest);
    return job;
  }

  get(id: string): TuningJob | undefined {
    return this.jobs.get(id);
  }

  /** The newest first. */
  all(): readonly TuningJob[] {
    return [...this.jobs.values()].reverse();
  }

  /** The names of the models that there are. */
  models(): readonly string[] {
    return this.all().flatMap(({ fineTunedModel: name }) => (name === undefined || this.removed.has(name) ? [] : [name]));
  }

  /** @returns false when there is no such model. */
  removeModel(name: string): boolean {
    if (!this.models().includes(name)) return false;
    this.removed.add(name);
    return true;
  }
}
