/** An event with its type on a line of its own, too. */
export function typedEvent(type: string, json: Buffer | string): Buffer {
  const data = Buffer.isBuffer(json) ? json : Buffer.from(json);
  return Buffer.concat([Buffer.from(`event: ${type}\ndata: `), data, Buffer.from('\n\n')]);
}
