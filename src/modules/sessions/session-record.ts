/** A session as it is shown, of a member or of an operator. */
export interface SessionRecord {
  readonly id: string;
  /** Null for an operator's. */
  readonly tenant: { readonly id: string; readonly slug: string } | null;
  readonly member: { readonly id: string; readonly email: string; readonly name: string } | null;
  readonly role: string;
  /** By which the audit names whoever is signed in. */
  readonly name: string;
  readonly method: string;
  readonly secondFactor: boolean;
  readonly address: string;
  readonly userAgent: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

/** Where a session begins: the client's address, and what it says it is. */
export interface SignInPlace {
  readonly address: string;
  readonly userAgent: string;
}

/** A session that was just made, with its secret, which only its cookie holds. */
export interface NewSession {
  readonly session: SessionRecord;
  readonly secret: string;
}
