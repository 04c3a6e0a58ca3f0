import { Strategy, type VerifyFunction } from 'passport-http-bearer';
import { credentialHash, isWellFormedCredential, type CredentialPrefix } from '../../kernel/credentials.js';

/** What the Authorization header gave: an identity, or why none. */
export type BearerResult<I> =
  | { readonly outcome: 'identified'; readonly identity: I; readonly secret: string }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'malformed' }
  | { readonly outcome: 'unknown'; readonly secret: string }
  | { readonly outcome: 'failed'; readonly error: unknown };

/** Where identities of one kind of credential are found, by the SHA-256 of the secret. */
export interface IdentitySource<I> {
  /** At once and only from memory: null when it is known that nobody has it, undefined says nothing. */
  peek(hash: string): I | null | undefined;
  find(hash: string): Promise<I | undefined>;
}

/** An `Authorization` header as it was read. Who the secret is was not kept: that is asked anew for each request. */
interface ReadHeader {
  readonly header: string;
  readonly secret: string;
  readonly hash: string;
}

/** Passport reads one blank after the word; RFC 9110 allows several, and people paste two. */
const blanks = /^(bearer)[ \t]+/i;

interface Attempt {
  success(user: unknown, info: unknown): void;
  fail(challenge: unknown): void;
  error(error: unknown): void;
}

/**
 * Reads `Authorization: Bearer` with passport's strategy, which is called directly and sees nothing but the headers:
 * through AuthGuard it would also take a token from the query or the body, and keys would land in logs (contract
 * section 2). A kept connection sends the same header with every request, so it is read once for each connection. `finish`
 * runs before `authenticate` returns when the identity is in memory.
 */
export class BearerAuthenticator<I> {
  private readonly strategy: Strategy<VerifyFunction>;
  /** The last header of each connection that had a well-formed secret. */
  private readonly lastRead = new WeakMap<object, ReadHeader>();

  constructor(
    private readonly prefix: CredentialPrefix,
    private readonly source: IdentitySource<I>,
  ) {
    this.strategy = new Strategy((secret, done) => done(null, secret));
  }

  /** @param connection stands for the client's connection. */
  authenticate(authorization: string | undefined, connection: object, finish: (result: BearerResult<I>) => void): void {
    if (authorization === undefined || authorization === '') {
      finish({ outcome: 'missing' });
      return;
    }
    const last = this.lastRead.get(connection);
    if (last?.header === authorization) {
      this.identify(last, finish);
      return;
    }
    const attempt = Object.create(this.strategy) as Attempt & { authenticate(request: unknown): void };
    attempt.success = (given) => {
      const secret = String(given);
      if (!isWellFormedCredential(secret, this.prefix)) {
        finish({ outcome: 'unknown', secret });
        return;
      }
      const read = { header: authorization, secret, hash: credentialHash(secret) };
      this.lastRead.set(connection, read);
      this.identify(read, finish);
    };
    attempt.fail = () => finish({ outcome: 'malformed' });
    attempt.error = (error) => finish({ outcome: 'failed', error });
    attempt.authenticate({ headers: { authorization: authorization.replace(blanks, '$1 ') } });
  }

  private identify({ secret, hash }: ReadHeader, finish: (result: BearerResult<I>) => void): void {
    const known = this.source.peek(hash);
    if (known !== undefined) {
      finish(known === null ? { outcome: 'unknown', secret } : { outcome: 'identified', identity: known, secret });
      return;
    }
    this.source.find(hash).then(
      (identity) => finish(identity === undefined ? { outcome: 'unknown', secret } : { outcome: 'identified', identity, secret }),
      (error: unknown) => finish({ outcome: 'failed', error }),
    );
  }
}
