import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';

let deployed: string | undefined;

/**
 * A context that trusts these certificates (PEM) beside what this process trusts anyway: Node's own, or those of the system
 * where Node is told so, and those of NODE_EXTRA_CA_CERTS. The option `ca` of TLS would be in their place.
 */
export function trustBeside(ca: string): SecureContext {
  const secure = createSecureContext();
  const context = secure.context as { addCACert(pem: string): void };
  deployed ??= readDeployed();
  // Node 20 leaves them out where others are added.
  if (deployed !== '') context.addCACert(deployed);
  context.addCACert(ca);
  return secure;
}

/** What NODE_EXTRA_CA_CERTS names. Of a file that cannot be read Node itself warns, and goes on without it. */
function readDeployed(): string {
  try {
    return readFileSync(process.env['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
  } catch {
    return '';
  }
}
