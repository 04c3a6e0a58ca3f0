import type { Server } from 'node:net';

/** Hosts that stand for every address of a machine: whoever is on it finds it at its loopback. */
const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

/**
 * Where this platform finds itself: GT_PUBLIC_URL, else the address that this process listens on. Nothing of a request is in
 * it, so that nobody has the platform call elsewhere.
 */
export function ownOrigin(
  server: Pick<Server, 'address'>,
  { GT_PUBLIC_URL: url }: { readonly GT_PUBLIC_URL?: string | undefined },
) {
  if (url !== undefined) return url.replace(/\/+$/, '');
  const place = server.address();
  if (place === null || typeof place === 'string') throw new Error('This process listens on no address.');
  const { address, port } = place;
  return `http://${everywhere[address] ?? (address.includes(':') ? `[${address}]` : address)}:${port}`;
}
