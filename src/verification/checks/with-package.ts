import type { RealClient } from '../packages/real-client.js';
import { failed, passed, skipped, type Result } from '../result.js';
import type { VerificationRun } from '../run.js';
import { answerRoute } from './answers.js';

/** The checks that a real client can take over, and the routes that it calls for each. */
export const packageChecks = ['answer', 'stream', 'embeddings'] as const;

export type PackageCheck = (typeof packageChecks)[number];

/** Has the real client take its checks; all of them with its first. */
export class PackageChecks {
  private running: ReturnType<RealClient['run']> | undefined;

  constructor(private readonly client: RealClient) {}

  /** Undefined for a check that the client's program has no step for. */
  async take(run: VerificationRun, check: PackageCheck): Promise<Result | undefined> {
    const { model, embedModel = null } = run;
    if (model === undefined) return skipped('There is no published name to ask.');
    if (check === 'embeddings' && embedModel === null) return skipped('The key may use no published name that embeds.');
    const told = { baseURL: run.configured, apiKey: run.setup.key, model, embedModel: run.embeds ? embedModel : null };
    const { name } = this.client;
    try {
      this.running ??= this.client.run(told);
      const given = (await this.running)[check];
      if (given === undefined) return undefined;
      if ('wrong' in given)
        return failed('package', `${name} ${given.wrong}`, 'Try the same with the stand-in, which names the cause: --emulator.');
      run.exercised.add(check === 'embeddings' ? 'embeddings.create' : answerRoute(run.row));
      return passed(`${name} got: ${given.seen}`);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return failed('package', `${name} did not run: ${detail}`, 'Install it anew, or verify with the stand-in: --emulator.');
    }
  }
}
