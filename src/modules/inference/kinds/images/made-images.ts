import type { Elsewhere } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { readObject, findMember, readMember, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { objectElements } from '../../wire/json-elements.js';
import type { ScannedMember } from '../../wire/json-scan.js';

/** The images of a reply, in which addresses may have to be replaced by what stands there. */
export interface MadeImages {
  readonly count: number;
  /** The reply's images with nothing but data; undefined where they are so already or addresses may be shown. */
  readonly replaced: Elsewhere | undefined;
}

/** What becomes of one image: it stays, or is written anew with data that is known or stands at an address. */
type Piece = Buffer | { readonly image: JsonBody; readonly data: Buffer | number };

const dataAddress = /^data:[^,;]*(?:;[^,;]*)*;base64,/i;

/**
 * Reads the images in `member` of a reply without parsing their data.
 * @param showsUrls addresses of the provider may stay.
 * @throws AppError upstream_error when one of them is no image.
 */
export function readMadeImages(reply: Buffer, member: ScannedMember, showsUrls: boolean): MadeImages {
  const elements = objectElements(reply, member.valueStart, member.valueEnd);
  if (elements === undefined) throw wrongAnswer('one of its images is no object');
  const addresses: string[] = [];
  let isAnew = false;
  const pieces = elements.map((bytes): Piece => {
    const image = readObject(bytes);
    if (!image.ok) throw wrongAnswer(image.message);
    const url = textIn(image, 'url');
    const hasData = isText(image, 'b64_json');
    if (!hasData && url === undefined) throw wrongAnswer('one of its images is neither data nor an address');
    if (showsUrls || findMember(image.scan, 'url') === undefined) return bytes;
    isAnew = true;
    if (hasData || url === undefined) return spliceBody(image.bytes, image.scan, withoutUrl);
    const inline = dataAddress.exec(url);
    if (inline !== null) return { image, data: Buffer.from(JSON.stringify(url.slice(inline[0].length))) };
    return { image, data: addresses.push(url) - 1 };
  });
  if (!isAnew) return { count: elements.length, replaced: undefined };
  const [before, behind] = [reply.subarray(0, member.valueStart), reply.subarray(member.valueEnd)];
  const filled = (contents: readonly Buffer[]): Buffer => {
    const written = pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : withData(piece.image, piece.data, contents)));
    const list = written.flatMap((one, at) => (at === 0 ? [one] : [comma, one]));
    return Buffer.concat([before, Buffer.from('['), ...list, Buffer.from(']'), behind]);
  };
  return { count: elements.length, replaced: { addresses, filled } };
}

const comma = Buffer.from(',');
const withoutUrl: readonly Edit[] = [{ op: 'remove', key: 'url' }];

function withData({ bytes, scan }: JsonBody, data: Buffer | number, contents: readonly Buffer[]): Buffer {
  const value = Buffer.isBuffer(data) ? data : Buffer.from(`"${contents[data]?.toString('base64') ?? ''}"`);
  return spliceBody(bytes, scan, [...withoutUrl, { op: 'set', key: 'b64_json', value }]);
}

function isText({ scan }: JsonBody, name: string): boolean {
  const member = findMember(scan, name);
  return member?.kind === 'string' && member.valueEnd - member.valueStart > 2;
}

function textIn(image: JsonBody, name: string): string | undefined {
  const member = findMember(image.scan, name);
  return member !== undefined && isText(image, name) ? (readMember(image.bytes, member) as string) : undefined;
}
