/** An event whose type stands on a line of its own, as Responses, images and sound have them. */
export function eventBytes(type: string, json: Buffer | string): Buffer {
  const data = Buffer.isBuffer(json) ? json : Buffer.from(json);
  return Buffer.concat([Buffer.from(`event: ${type}\ndata: `), data, Buffer.from('\n\n')]);
}
