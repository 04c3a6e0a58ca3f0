import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../../kernel/app-error.js';
import { KeyExerciseService } from '../../../modules/keys/key-exercise.service.js';
import { KeyNarrowingService } from '../../../modules/keys/key-narrowing.service.js';
import { UsageDrainService } from '../../../modules/usage/usage-drain.service.js';
import { Actors } from '../../auth/actor.js';
import { presentExercise, presentNarrowing } from '../../presenters/key-exercise.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathReference } from '../../routing/path-reference.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/**
 * The doors to what a key did, and to leaving it no more than that. What this process has counted is written before it is read;
 * other processes write what they count every half second.
 */
@Controller()
export class KeyExerciseController {
  constructor(
    private readonly exercise: KeyExerciseService,
    private readonly narrowing: KeyNarrowingService,
    private readonly drain: UsageDrainService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('keys.exercise')
  async report(@Req() request: FastifyRequest) {
    const { since } = adminQueryOf(request, 'keys.exercise');
    const actor = await this.actors.of(request);
    await this.counted();
    return presentExercise(await this.exercise.report(actor, pathReference(request), dateOf(since)));
  }

  @AdminRoute('keys.narrow')
  async narrow(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'keys.narrow');
    const { tenant, since, dry_run: dryRun } = adminBodyOf(request, 'keys.narrow');
    const actor = await this.actors.of(request, tenant);
    await this.counted();
    return presentNarrowing(await this.narrowing.narrow(actor, pathReference(request), { since: dateOf(since), dryRun }));
  }

  /** @throws AppError overloaded when what was counted cannot be written. */
  private async counted(): Promise<void> {
    await this.drain.drainNow().catch((cause: unknown) => {
      throw new AppError('overloaded', { cause, headers: { 'retry-after': '1' } });
    });
  }
}

function dateOf(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000);
}
