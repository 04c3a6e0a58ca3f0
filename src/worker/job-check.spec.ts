import { describe, expect, it } from '@jest/globals';
import { Module, type Type } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, NestFactory } from '@nestjs/core';
import { jobCatalogue, type JobName } from '../contracts/jobs.js';
import { JobTableError, handlersOf } from './job-check.js';
import { Processes } from './processes.decorator.js';

const ran: string[] = [];

@Processes('platform.sweep')
class FirstSweep {
  process(): Promise<void> {
    ran.push(this.constructor.name);
    return Promise.resolve();
  }
}

@Processes('platform.sweep')
class SecondSweep extends FirstSweep {}

/** The jobs that these tests are not about have their one processor. */
const others = (Object.keys(jobCatalogue.jobs) as JobName[])
  .filter((name) => name !== 'platform.sweep')
  .map((name) => {
    @Processes(name)
    class Other {
      process(): Promise<void> {
        return Promise.resolve();
      }
    }
    return Other;
  });

async function handlersWith(...providers: Type[]): Promise<ReturnType<typeof handlersOf>> {
  @Module({ imports: [DiscoveryModule], providers: [...providers, ...others] })
  class TestModule {}
  const app = await NestFactory.createApplicationContext(TestModule, { logger: false });
  try {
    return handlersOf(app.get(DiscoveryService));
  } finally {
    await app.close();
  }
}

describe('the check of the job catalogue', () => {
  it('gives each job its processor', async () => {
    const handlers = await handlersWith(FirstSweep);
    await handlers['platform.sweep']({}, { id: 'x', attempt: 1, signal: new AbortController().signal });
    expect(ran).toEqual(['FirstSweep']);
  });

  it('stops the start when a job has no processor', async () => {
    await expect(handlersWith()).rejects.toThrow(new JobTableError(['The job "platform.sweep" has no processor.']));
  });

  it('stops the start when a job has two processors', async () => {
    await expect(handlersWith(FirstSweep, SecondSweep)).rejects.toThrow(
      new JobTableError(['The job "platform.sweep" has the processors FirstSweep, SecondSweep.']),
    );
  });
});
