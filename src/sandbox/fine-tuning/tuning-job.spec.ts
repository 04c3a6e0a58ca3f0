import { describe, expect, it } from '@jest/globals';
import { TuningJob, type NewTuningJob } from './tuning-job.js';

function jobWith(further: Partial<NewTuningJob> = {}) {
  const clock = { now: 1_000_000 };
  const made = {
    id: 'ftjob-abcdefgh12345678',
    model: 'm',
    trainingFile: 'file-t',
    validationFile: null,
    suffix: 'mine',
    seed: 1,
    method: { type: 'supervised' },
    metadata: null,
    extraMs: 0,
    fails: false,
    ...further,
  };
  const job = new TuningJob(made, () => clock.now);
  const after = (ms: number): string => {
    clock.now += ms;
    return job.status;
  };
  return { job, after };
}

describe('a fine-tuning job of the sandbox', () => {
  it('goes through all states by itself and ends with a model', () => {
    const { job, after } = jobWith();
    expect([after(0), after(300), after(300), after(1399), job.fineTunedModel]).toEqual([
      'validating_files',
      'queued',
      'running',
      'running',
      undefined,
    ]);
    expect([after(1), job.fineTunedModel]).toEqual(['succeeded', 'ft:m:sandbox-org:mine:12345678']);
    expect(job.checkpoints().map((checkpoint) => checkpoint['step_number'])).toEqual([5, 10]);
    expect(job.events().at(-1)).toMatchObject({ message: 'The job has successfully completed', level: 'info' });
    expect(job.results().toString().split('\n')).toHaveLength(12);
  });

  it('keeps its events: each look finds those before and perhaps more', () => {
    const { job, after } = jobWith();
    let before = job.events();
    for (let look = 0; look < 25; look += 1) {
      after(100);
      const events = job.events();
      expect(events.slice(0, before.length)).toEqual(before);
      before = events;
    }
    expect(new Set(before.map(({ id }) => id)).size).toBe(before.length);
  });

  it('stands still while it is paused, and works no longer once it is cancelled', () => {
    const { job, after } = jobWith();
    after(700);
    job.pause();
    expect([after(10_000), job.events().length]).toEqual(['paused', 4]);
    job.resume();
    expect([after(1299), after(1)]).toEqual(['running', 'succeeded']);
    const cancelled = jobWith();
    cancelled.after(700);
    cancelled.job.cancel();
    expect([cancelled.after(10_000), cancelled.job.events().length]).toEqual(['cancelled', 4]);
  });

  it('fails where it is to, and takes longer where it is to', () => {
    const failing = jobWith({ fails: true });
    expect([failing.after(299), failing.after(1)]).toEqual(['validating_files', 'failed']);
    expect(failing.job.object()).toMatchObject({ error: { code: 'invalid_training_file' }, fine_tuned_model: null });
    const slow = jobWith({ extraMs: 5000 });
    expect([slow.after(6999), slow.after(1)]).toEqual(['running', 'succeeded']);
  });
});
