import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { presetReaches } from '../catalog/runbooks/reach.js';
import type { ClientRow } from '../verification/run.js';
import { RefusedError } from './admin-http.js';
import { remark, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { createWithLinks } from './linked-keys.js';
import { tenantQueryOf } from './resource-commands.js';

/** A run that is killed leaves keys that end by themselves. */
const livesSeconds = 3_600;

const tenantList = z.object({ data: z.array(z.object({ slug: z.string() })), has_more: z.boolean() });

interface MadeKey {
  readonly id: string;
  readonly secret: string;
  /** The keys that it links. */
  readonly linked: readonly string[];
}

/** Keys that are made for a run, one of each preset, and revoked and deleted after it. They may use all that is published. */
export class RunKeys {
  private readonly made = new Map<string, Promise<MadeKey>>();
  private readonly run = randomBytes(4).toString('hex');
  private inTenant: Promise<CliContext> | undefined;

  constructor(private readonly context: CliContext) {}

  /** The key of the row's preset, and those of the presets that its uploads need. @throws CliError when refused. */
  async forRow({ preset, alternatives, routes }: ClientRow): Promise<ReadonlyMap<string, string>> {
    const further = alternatives
      .map((alternative) => alternative.preset)
      .filter((other) => routes.some(({ route, verdict }) => verdict === 'gt_extension' && presetReaches(other, route)));
    const keys = new Map<string, string>();
    for (const slug of [preset, ...further]) keys.set(slug, (await this.of(slug)).secret);
    return keys;
  }

  /** Ends all that was made. What cannot be ended is named. */
  async revokeAll(): Promise<void> {
    for (const making of this.made.values()) {
      const key = await making.catch(() => undefined);
      if (key === undefined) continue;
      const context = await this.tenant();
      for (const id of [key.id, ...key.linked]) {
        try {
          await context.http.call('keys.revoke', { id, query: tenantQueryOf(context, 'keys.revoke'), body: {} });
          const query = { ...tenantQueryOf(context, 'keys.delete'), force: 'true' };
          await context.http.call('keys.delete', { id, query });
        } catch (error) {
          remark(this.context, `The key ${id} of this run is not removed: ${error instanceof Error ? error.message : ''}`);
        }
      }
    }
  }

  private of(preset: string): Promise<MadeKey> {
    const known = this.made.get(preset);
    if (known !== undefined) return known;
    const making = this.make(preset);
    this.made.set(preset, making);
    return making;
  }

  private async make(preset: string): Promise<MadeKey> {
    const context = await this.tenant();
    const key = await createWithLinks(context, {
      name: `runbook-verify-${this.run}-${preset}`,
      preset,
      agents: ['*'],
      raw_models: ['*'],
      datasets: ['*'],
      expires_at: Math.floor(Date.now() / 1_000) + livesSeconds,
    });
    const linked = [key.links?.inference, key.links?.upload].filter((id) => typeof id === 'string');
    return { id: key.id, secret: key.secret, linked };
  }

  /** An operator who names no tenant means the only one that there is. */
  private tenant(): Promise<CliContext> {
    this.inTenant ??= this.findTenant();
    return this.inTenant;
  }

  private async findTenant(): Promise<CliContext> {
    const { context } = this;
    if (context.flags().tenant !== undefined) return context;
    try {
      await context.http.call('keys.list', { query: { limit: '1' } });
      return context;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.refusal.param !== 'tenant') throw error;
      const { data, has_more } = tenantList.parse(await context.http.call('tenants.list', { query: { limit: '2' } }));
      const [only] = data;
      if (only === undefined || data.length > 1 || has_more) throw usageError('There is more than one tenant: give --tenant.');
      return { ...context, flags: () => ({ ...context.flags(), tenant: only.slug }) };
    }
  }
}
