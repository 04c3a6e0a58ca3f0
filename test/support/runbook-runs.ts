import { runbookRunObject, type RunbookRunObject } from '../../src/contracts/runbook-runs.js';
import type { FilesBench } from './files.js';
import { until } from './until.js';

/** Runs of runbooks on a platform, as an operator sees them. */
export class RunbookRuns {
  constructor(private readonly bench: FilesBench) {}

  /** Has a runbook verified. @throws Error when it is refused. */
  async begin(product: string, body: object = {}): Promise<RunbookRunObject> {
    const reply = await this.bench.platform.app.admin('POST', `/runbooks/${product}/verify?tenant=acme`, body);
    if (reply.status !== 202) throw new Error(`Refused: ${reply.status} ${JSON.stringify(reply.body)}`);
    return runbookRunObject.parse(reply.body);
  }

  async get(id: string): Promise<RunbookRunObject> {
    return runbookRunObject.parse((await this.bench.platform.app.admin('GET', `/runbook-runs/${id}?tenant=acme`)).body);
  }

  /** The run as soon as it is as it is waited for. */
  until(id: string, what: string, is: (run: RunbookRunObject) => boolean): Promise<RunbookRunObject> {
    return until(`the run ${what}`, async () => {
      const run = await this.get(id);
      return is(run) ? run : undefined;
    });
  }

  ended(id: string): Promise<RunbookRunObject> {
    return this.until(id, 'has ended', ({ finished_at: at }) => at !== null);
  }

  /** Everything that stands in the row. */
  row(id: string) {
    return this.bench.platform.factory.run((tx) => tx.runbookRun.findFirstOrThrow({ where: { id } }));
  }

  /** What the silence of a dead worker comes to, without waiting for it. */
  async silent(id: string, further: { readonly attempts?: number } = {}): Promise<void> {
    const past = new Date(Date.now() - 60_000);
    const data = { claimedUntil: past, nextAt: past, ...further };
    await this.bench.platform.factory.run((tx) => tx.runbookRun.updateMany({ where: { id }, data }));
  }

  /** The names of the tenant's keys that runs have made. */
  async keys(): Promise<string[]> {
    const { body } = await this.bench.platform.app.admin('GET', '/keys?tenant=acme&limit=100');
    const names = (body.data as readonly { readonly name: string }[]).map(({ name }) => name);
    return names.filter((name) => name.startsWith('runbook-verify-'));
  }
}
