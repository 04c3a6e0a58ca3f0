const safe = /^[A-Za-z0-9._:-]{1,128}$/;

/** An id that a client gave its request, where it is safe to print and to say again in a reply; else undefined. */
export function safeToEcho(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && safe.test(header) ? header : undefined;
}
