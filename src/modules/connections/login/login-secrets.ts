import { Injectable } from '@nestjs/common';
import { KeyRing, type SealContext } from '../../../platform/secrets/key-ring.js';
import { loginAttempt, type LoginAttempt } from './login-attempt.js';
import { loginTokens, type LoginTokens } from './login-tokens.js';

/** Whose secret it is: a login has the id of its connection. */
export interface LoginOwner {
  readonly tenantId: string;
  readonly id: string;
}

type Sealed = Uint8Array<ArrayBuffer>;

/** Seals what a login keeps, each kind so that it opens as nothing else. All opening @throws SealError. */
@Injectable()
export class LoginSecrets {
  constructor(private readonly keyRing: KeyRing) {}

  sealSecret(owner: LoginOwner, secret: string): Sealed {
    return this.seal(owner, 'client-secret', secret);
  }

  openSecret(owner: LoginOwner, sealed: Uint8Array | null): string | null {
    return sealed === null ? null : this.open(owner, 'client-secret', sealed);
  }

  sealTokens(owner: LoginOwner, { access, refresh, id }: LoginTokens): Sealed {
    return this.seal(owner, 'tokens', JSON.stringify({ access, refresh, id }));
  }

  openTokens(owner: LoginOwner, sealed: Uint8Array | null): LoginTokens | null {
    return sealed === null ? null : loginTokens.parse(JSON.parse(this.open(owner, 'tokens', sealed)));
  }

  sealAttempt(owner: LoginOwner, attempt: LoginAttempt): Sealed {
    return this.seal(owner, 'attempt', JSON.stringify(attempt));
  }

  openAttempt(owner: LoginOwner, sealed: Uint8Array): LoginAttempt {
    return loginAttempt.parse(JSON.parse(this.open(owner, 'attempt', sealed)));
  }

  private seal(owner: LoginOwner, kind: LoginSecretKind, secret: string): Sealed {
    return new Uint8Array(this.keyRing.seal(secret, loginSeal(owner, kind)));
  }

  private open(owner: LoginOwner, kind: LoginSecretKind, sealed: Uint8Array): string {
    return this.keyRing.open(sealed, loginSeal(owner, kind));
  }
}

type LoginSecretKind = 'client-secret' | 'tokens' | 'attempt';

/** In which context a secret of a login is sealed. */
export function loginSeal({ tenantId, id }: LoginOwner, kind: LoginSecretKind): SealContext {
  return { tenantId, recordId: `${id}:${kind}` };
}
