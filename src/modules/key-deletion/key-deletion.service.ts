import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { DeleteKeyQuery } from '../../contracts/keys.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { FilesService } from '../files/files.service.js';
import { KeptThoughtsRepository } from '../kept-thoughts/kept-thoughts.repository.js';
import { KeyContentsRepository, type KeyContents } from '../keys/key-contents.repository.js';
import { holdKey } from '../keys/key-hold.js';
import { KeyLifeService } from '../keys/key-life.service.js';
import { KeyViews, type KeyView } from '../keys/key-views.js';
import { ResponsesRepository } from '../responses/responses.repository.js';
import { KeysService } from '../keys/keys.service.js';
import { CompletionsRepository } from '../stored-completions/completions.repository.js';

const batchSize = 200;

type How = Pick<DeleteKeyQuery, 'force' | 'transfer_to'>;

/** What becomes of a key's conversations and files: they are removed, or go to the key of this id. */
type Destination = { readonly to: string | null };

/**
 * Deletes keys. A key that has conversations or files goes only when the caller says what becomes of them. That work is
 * done in batches: the key is revoked first, its row goes last, and a deletion that broke off is finished by the next.
 */
@Injectable()
export class KeyDeletionService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly views: KeyViews,
    private readonly keys: KeysService,
    private readonly life: KeyLifeService,
    private readonly contents: KeyContentsRepository,
    private readonly files: FilesService,
    private readonly responses: ResponsesRepository,
    private readonly completions: CompletionsRepository,
    private readonly thoughts: KeptThoughtsRepository,
  ) {}

  /**
   * @throws AppError not_found; conflict while other keys link it, or while it has conversations or files and `how` says
   * nothing of them; invalid_value for a key that cannot take them.
   */
  async delete(actor: Actor, idOrName: string, how: How): Promise<KeyView> {
    if (how.force === true && how.transfer_to !== undefined) {
      throw new AppError('invalid_value', { param: 'transfer_to', message: "Give 'force' or 'transfer_to', not both." });
    }
    if (how.force !== true && how.transfer_to === undefined)
      return this.swept(actor, await this.keys.delete(actor, idOrName), { to: null });
    return this.emptied(actor, idOrName, how);
  }

  private async emptied(actor: Actor, idOrName: string, how: How): Promise<KeyView> {
    const { id, destination } = await this.begin(actor, idOrName, how);
    const total = { conversations: 0, files: 0 };
    for (;;) {
      await this.empty(actor.tenantId, id, destination, total);
      const deleted = await this.finish(actor, id, destination, total);
      if (deleted !== undefined) return this.swept(actor, deleted, destination);
    }
  }

  /** The key is gone, so nothing more is kept for it. What a crash leaves here nobody can ask for, and it expires. */
  private async swept({ tenantId }: Actor, deleted: KeyView, destination: Destination): Promise<KeyView> {
    while ((await this.takeKept(tenantId, deleted.row.id, destination)) > 0);
    return deleted;
  }

  /** Ends the key's calls, so that it makes nothing new, once it is certain that it can go. */
  private async begin(actor: Actor, idOrName: string, how: How): Promise<{ id: string; destination: Destination }> {
    return this.database.run(actor.tenantId, async (tx) => {
      const row = await this.views.lockRowIn(tx, actor.tenantId, idOrName);
      await this.keys.refuseLinked(tx, actor, row.id);
      const to = how.transfer_to === undefined ? null : await this.heirOf(tx, actor, row, how.transfer_to);
      await this.life.setStateIn(tx, actor, row.id, 'revoked');
      return { id: row.id, destination: { to } };
    });
  }

  private async heirOf(tx: Transaction, { tenantId }: Actor, key: KeyView['row'], named: string): Promise<string> {
    const refuse = (message: string): AppError => new AppError('invalid_value', { param: 'transfer_to', message });
    const heir = await this.views.findIn(tx, tenantId, named).catch((error: unknown) => {
      throw error instanceof AppError && error.code === 'not_found' ? refuse(`The tenant has no key "${named}".`) : error;
    });
    if (heir.row.id === key.id) throw refuse('A key cannot take over from itself.');
    if (heir.row.state === 'revoked') throw refuse(`The key "${named}" is revoked.`);
    if (heir.row.purpose !== key.purpose) {
      throw refuse(`The key "${named}" has the purpose ${heir.row.purpose}, and this one ${key.purpose}.`);
    }
    return heir.row.id;
  }

  private async empty(tenantId: string, keyId: string, destination: Destination, total: Counted): Promise<void> {
    for (;;) {
      const done =
        destination.to === null ? await this.remove(tenantId, keyId) : await this.move(tenantId, keyId, destination.to);
      total.conversations += done.conversations;
      total.files += done.files;
      const forgotten = await this.database.run(tenantId, (tx) => this.contents.forgetAnswers(tx, tenantId, keyId, batchSize));
      const kept = await this.takeKept(tenantId, keyId, destination);
      if (done.conversations + done.files + forgotten + kept === 0) return;
    }
  }

  /**
   * What models thought is always removed: it is sealed for the key, and gone in a day anyhow.
   * @returns how many of a batch of kept responses, their items, stored completions and thoughts were removed or moved.
   */
  private async takeKept(tenantId: string, keyId: string, { to }: Destination): Promise<number> {
    return this.database.run(tenantId, async (tx) => {
      if (to !== null) await holdKey(tx, tenantId, to);
      let taken = await this.thoughts.removeOfKey(tx, tenantId, keyId, batchSize);
      for (const kept of [this.responses, this.completions])
        taken +=
          to === null
            ? await kept.removeOfKey(tx, tenantId, keyId, batchSize)
            : await kept.moveOfKey(tx, tenantId, keyId, to, batchSize);
      return taken;
    });
  }

  private async remove(tenantId: string, keyId: string): Promise<KeyContents> {
    const removed = await this.database.run(tenantId, (tx) => this.contents.removeBatch(tx, tenantId, keyId, batchSize));
    await this.files.removeContents(removed.storageKeys);
    return removed;
  }

  private async move(tenantId: string, keyId: string, to: string): Promise<KeyContents> {
    return this.database.run(tenantId, async (tx) => {
      await holdKey(tx, tenantId, to);
      return this.contents.moveBatch(tx, tenantId, keyId, to, batchSize);
    });
  }

  /** @returns undefined when a call that was under way has stored something meanwhile. */
  private async finish(actor: Actor, id: string, { to }: Destination, total: Counted): Promise<KeyView | undefined> {
    return this.database.run(actor.tenantId, async (tx) => {
      await this.views.lockRowIn(tx, actor.tenantId, id);
      const { conversations, files } = await this.contents.count(tx, actor.tenantId, id);
      if (conversations + files > 0) return undefined;
      return this.keys.deleteIn(
        tx,
        actor,
        id,
        to === null ? { removed: { ...total } } : { transferred_to: to, moved: { ...total } },
      );
    });
  }
}

interface Counted {
  conversations: number;
  files: number;
}
