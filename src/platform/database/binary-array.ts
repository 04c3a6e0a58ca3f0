const headBytes = 12;
const dimensionBytes = 8;

/**
 * An array as Postgres receives it in its binary form, of values in the binary form of their type; null stands for NULL.
 * @param type the `oid` of the elements' type.
 */
export function binaryArray(type: number, elements: readonly (Buffer | null)[]): Buffer {
  const hasElements = elements.length > 0;
  const length = elements.reduce((sum, element) => sum + 4 + (element?.length ?? 0), 0);
  const bytes = Buffer.allocUnsafe(headBytes + (hasElements ? dimensionBytes : 0) + length);
  let at = bytes.writeInt32BE(hasElements ? 1 : 0);
  at = bytes.writeInt32BE(elements.includes(null) ? 1 : 0, at);
  at = bytes.writeInt32BE(type, at);
  if (hasElements) at = bytes.writeInt32BE(1, bytes.writeInt32BE(elements.length, at));
  for (const element of elements) {
    at = bytes.writeInt32BE(element?.length ?? -1, at);
    if (element !== null) at += element.copy(bytes, at);
  }
  return bytes;
}
