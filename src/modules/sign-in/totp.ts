const form = { algorithm: 'SHA1', digits: 6, period: 30 } as const;

/** A new secret for an authenticator app, in base32: 160 bits, as RFC 4226 recommends. */
export async function newTotpSecret(): Promise<string> {
  const { Secret } = await import('otpauth');
  return new Secret({ size: 20 }).base32;
}

/** The secret as an `otpauth:` address that apps read as a QR code. */
export async function totpUrl(secret: string, email: string): Promise<string> {
  const { TOTP } = await import('otpauth');
  return new TOTP({ ...form, issuer: 'GT API', label: email, secret }).toString();
}

/**
 * The step of 30 seconds that a code belongs to (RFC 6238): this one, or one beside it, for clocks that are a little off.
 * Undefined for a code of no such step.
 */
export async function stepOf(secret: string, code: string, nowMs: number): Promise<bigint | undefined> {
  if (!/^\d{6}$/.test(code)) return undefined;
  const { TOTP } = await import('otpauth');
  const delta = new TOTP({ ...form, secret }).validate({ token: code, timestamp: nowMs, window: 1 });
  return delta === null ? undefined : BigInt(Math.floor(nowMs / 1000 / form.period) + delta);
}
