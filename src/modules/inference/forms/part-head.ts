import { AppError } from '../../../kernel/app-error.js';

/** What the headers of a part say. */
export interface PartHead {
  readonly name: string;
  /** Undefined for a field; empty for a file whose sender gave it no name. */
  readonly filename: string | undefined;
}

/** Reads the headers of a part. @throws AppError invalid_request for a part whose name is not beyond doubt. */
export type PartHeadReader = (head: Buffer) => PartHead;

const maxNameCharacters = 200;
const parserOptions = {
  headers: { 'content-type': 'multipart/form-data; boundary=b' },
  defParamCharset: 'utf8',
  preservePath: true,
};
/** Quoted texts: a backslash escapes a quote for some parsers, and not for others. */
const quotedTexts = [/"(?:\\.?|[^"\\])*("|$)/g, /"[^"]*("|$)/g];

/** The reader, with its parser, which is loaded with the first form. */
export async function loadPartHeadReader(): Promise<PartHeadReader> {
  const { default: parserOf } = await import('busboy');
  return (head) => {
    if (!hasOneName(head.toString('latin1'))) throw unusable();
    let found: PartHead | undefined;
    let fault: unknown;
    const parser = parserOf(parserOptions);
    parser.on('error', (error) => (fault = error));
    parser.on('field', (name) => (found = { name: name ?? '', filename: undefined }));
    parser.on('file', (name, stream, { filename }) => {
      found = { name: name ?? '', filename: filename ?? '' };
      stream.resume();
    });
    parser.end(Buffer.concat([Buffer.from('--b\r\n'), head, Buffer.from('\r\n--b--\r\n')]));
    if (fault !== undefined || found === undefined || found.name === '' || found.name.length > maxNameCharacters)
      throw unusable();
    return found;
  };
}

/** Parsers choose differently among several names; there must be one, whoever reads the head. */
function hasOneName(head: string): boolean {
  const lines = head.split('\r\n').filter((line) => /^content-disposition\s*:/i.test(line));
  const [line] = lines;
  if (line === undefined || lines.length > 1 || /\n[ \t]/.test(head)) return false;
  return quotedTexts.every((quoted) => {
    const outside = line.replace(quoted, (text, end) => (end === '"' ? '""' : text));
    const names = [...outside.matchAll(/;\s*name\s*(\*?)/gi)];
    return names.length === 1 && names[0]?.[1] === '';
  });
}

function unusable(): AppError {
  return new AppError('invalid_request', { message: 'The form has a part without a usable name.' });
}
