import { randomBytes } from 'node:crypto';
import { presetsToVerify } from '../catalog/runbooks/reach.js';
import type { ClientRow } from '../verification/run.js';
import { remark, type CliContext } from './cli-context.js';
import { createWithLinks } from './linked-keys.js';
import { withTenant } from './only-tenant.js';
import { tenantQueryOf } from './resource-commands.js';

/** A run that is killed leaves keys that end by themselves. */
const livesSeconds = 3_600;

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
  async forRow(row: ClientRow): Promise<ReadonlyMap<string, string>> {
    const keys = new Map<string, string>();
    for (const slug of presetsToVerify(row)) keys.set(slug, (await this.of(slug)).secret);
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
    this.inTenant ??= withTenant(this.context);
    return this.inTenant;
  }
}
