import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { AdminRole } from '../../catalog/admin/roles.js';
import { keyBodies } from '../../catalog/linked-keys.js';
import { presetsToVerify } from '../../catalog/runbooks/reach.js';
import { createKeyRequest } from '../../contracts/keys.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { ClientRow } from '../../verification/run.js';
import { KeyDeletionService } from '../key-deletion/key-deletion.service.js';
import { KeyLifeService } from '../keys/key-life.service.js';
import { KeysService } from '../keys/keys.service.js';
import { RunbookClaimsRepository } from './runbook-claims.repository.js';
import type { RunbookClaim, RunbookRunRecord } from './runbook-run-record.js';

/** A key that nobody ends, because every worker is gone, ends by itself. */
const livesSeconds = 600;

/** Keys that were made for a run: their ids, the one that links others before these, and the secrets by preset. */
export interface MadeKeys {
  readonly ids: readonly string[];
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * The keys of a run: one of each preset that it needs, with those that they link, for all that is published. Their ids are
 * remembered in the transaction that makes them, so that none is ever forgotten; their secrets are in memory alone.
 */
@Injectable()
export class RunKeys {
  constructor(
    private readonly database: TenantDatabase,
    private readonly claims: RunbookClaimsRepository,
    private readonly keys: KeysService,
    private readonly life: KeyLifeService,
    private readonly deletion: KeyDeletionService,
  ) {}

  /** @throws LostRunError; AppError where whoever asked for the run may not make such keys. */
  make(claim: RunbookClaim, run: RunbookRunRecord, row: ClientRow): Promise<MadeKeys> {
    const expiresAt = Math.floor(Date.now() / 1_000) + livesSeconds;
    return this.database.run(claim.tenantId, async (tx) => {
      // Holds the row: from here on nobody takes the run.
      await this.claims.beat(tx, claim);
      const ids: string[] = [];
      const secrets = new Map<string, string>();
      for (const preset of presetsToVerify(row)) {
        const wanted = {
          ...{ name: `runbook-verify-${run.id}-${run.attempts}-${preset}`, preset, expires_at: expiresAt },
          ...{ agents: ['*'], raw_models: ['*'], datasets: ['*'] },
        };
        const made = await this.withLinks(tx, actorOf(run), wanted);
        ids.push(...made.ids);
        secrets.set(preset, made.secret);
      }
      await this.claims.setKeys(tx, claim, ids);
      return { ids, secrets };
    });
  }

  /**
   * Ends keys of a run, of this attempt or of a dead worker's, with the files and conversations that they made. Those that are
   * gone already are no fault; one that somebody has linked meanwhile is revoked and stays.
   */
  async end(run: RunbookRunRecord, ids: readonly string[]): Promise<void> {
    const actor = actorOf(run);
    for (const id of ids) await tolerating(['not_found'], () => this.life.setState(actor, id, 'revoked'));
    for (const id of ids) await tolerating(['not_found', 'conflict'], () => this.deletion.delete(actor, id, { force: true }));
  }

  private async withLinks(tx: Transaction, actor: Actor, wanted: Readonly<Record<string, unknown>>) {
    const create = (body: object) => this.keys.createIn(tx, actor, createKeyRequest.parse(body));
    const { own, linked } = keyBodies(wanted);
    if (linked === null) {
      const { key, secret } = await create(own);
      return { ids: [key.row.id], secret };
    }
    const inference = (await create(linked.inference)).key.row.id;
    const upload = (await create(linked.upload)).key.row.id;
    const { key, secret } = await create({ ...own, links: { inference, upload } });
    return { ids: [key.row.id, inference, upload], secret };
  }
}

/** Whoever asked for the run: its keys may do no more than what that role may grant, and the audit names the request. */
function actorOf({ tenantId, askedBy, askedRole, askedAddress, requestId }: RunbookRunRecord): Actor {
  return { tenantId, role: askedRole as AdminRole, name: askedBy, requestId, address: askedAddress };
}

async function tolerating(codes: readonly string[], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError && codes.includes(error.code))) throw error;
  }
}
