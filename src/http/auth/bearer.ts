import { Strategy, type VerifyFunction } from 'passport-http-bearer';
import { isWellFormedCredential, type CredentialPrefix } from '../../kernel/credentials.js';

/** What the Authorization header gave: an identity, or why none. */
export type BearerResult<I> =
  | { readonly outcome: 'identified'; readonly identity: I; readonly secret: string }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'malformed' }
  | { readonly outcome: 'unknown'; readonly secret: string }
  | { readonly outcome: 'failed'; readonly error: unknown };

/** Where identities of one kind of credential are found. */
export interface IdentitySource<I> {
  /** At once and only from memory: null when it is known that nobody has it, undefined says nothing. */
  peek(secret: string): I | null | undefined;
  find(secret: string): Promise<I | undefined>;
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
 * section 2). The callback runs before `authenticate` returns when the identity is in memory.
 */
export class BearerAuthenticator<I> {
  private readonly strategy: Strategy<VerifyFunction>;

  constructor(prefix: CredentialPrefix, source: IdentitySource<I>) {
    this.strategy = new Strategy((secret, done) => {
      if (!isWellFormedCredential(secret, prefix)) {
        done(null, { outcome: 'unknown', secret });
        return;
      }
      const known = source.peek(secret);
      if (known !== undefined) {
        done(null, known === null ? { outcome: 'unknown', secret } : { outcome: 'identified', identity: known, secret });
        return;
      }
      source.find(secret).then(
        (identity) =>
          done(null, identity === undefined ? { outcome: 'unknown', secret } : { outcome: 'identified', identity, secret }),
        (error: unknown) => done(error),
      );
    });
  }

  authenticate(authorization: string | undefined, finish: (result: BearerResult<I>) => void): void {
    if (authorization === undefined || authorization === '') {
      finish({ outcome: 'missing' });
      return;
    }
    const attempt = Object.create(this.strategy) as Attempt & { authenticate(request: unknown): void };
    attempt.success = (user) => finish(user as BearerResult<I>);
    attempt.fail = () => finish({ outcome: 'malformed' });
    attempt.error = (error) => finish({ outcome: 'failed', error });
    attempt.authenticate({ headers: { authorization: authorization.replace(blanks, '$1 ') } });
  }
}
