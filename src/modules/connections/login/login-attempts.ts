import { Injectable } from '@nestjs/common';
import { SealError } from '../../../platform/secrets/key-ring.js';
import { ConnectionLoginsRepository } from './connection-logins.repository.js';
import type { LoginAttempt } from './login-attempt.js';
import { LoginSecrets, type LoginOwner } from './login-secrets.js';

/** A login that was begun, as it is stored. */
export interface StoredAttempt {
  readonly attempt: LoginAttempt;
  readonly sealed: Uint8Array;
}

/** The logins that were begun: one for each connection, sealed with it. */
@Injectable()
export class LoginAttempts {
  constructor(
    private readonly repository: ConnectionLoginsRepository,
    private readonly secrets: LoginSecrets,
  ) {}

  /** Stores a login that begins. One that was begun before is void. */
  async put(owner: LoginOwner, attempt: LoginAttempt, lastsSeconds: number): Promise<void> {
    await this.repository.putAttempt(owner, this.secrets.sealAttempt(owner, attempt), lastsSeconds);
  }

  /** The one of this name, while it may be completed. */
  async find(owner: LoginOwner, name: string): Promise<StoredAttempt | undefined> {
    const sealed = await this.repository.attempt(owner);
    if (sealed === undefined) return undefined;
    try {
      const attempt = this.secrets.openAttempt(owner, sealed);
      return attempt.name === name ? { attempt, sealed } : undefined;
    } catch (error) {
      // Its key has left the ring: nobody can complete it.
      if (error instanceof SealError) return undefined;
      throw error;
    }
  }

  /** Takes it, so that nobody completes it again. True for the first who does, also when it has become slower meanwhile. */
  async take(owner: LoginOwner, { sealed, attempt: { name } }: StoredAttempt): Promise<boolean> {
    if (await this.repository.takeAttempt(owner, sealed)) return true;
    const now = await this.find(owner, name);
    return now !== undefined && (await this.repository.takeAttempt(owner, now.sealed));
  }

  /** The seconds to wait between two questions from now on. One that is over stays over. */
  async slow(owner: LoginOwner, { sealed, attempt }: StoredAttempt, interval: number): Promise<void> {
    if (attempt.device === null) return;
    const slower = { ...attempt, device: { ...attempt.device, interval } };
    await this.repository.changeAttempt(owner, sealed, this.secrets.sealAttempt(owner, slower));
  }
}
