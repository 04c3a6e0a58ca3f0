import { AppError } from '../../../kernel/app-error.js';

const parameter = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s"]*))/gi;
/** The characters that RFC 2046 allows in a boundary. */
const allowed = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;
const needsNoQuotes = /^[\w'+.-]+$/;

/** The boundary of a form. @throws AppError invalid_request where the header names none, or more than one. */
export function boundaryOf(contentType: string): string {
  const found = [...contentType.matchAll(parameter)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const [boundary] = found;
  if (found.length !== 1 || boundary === undefined || !allowed.test(boundary))
    throw new AppError('invalid_request', { message: 'The Content-Type must name one boundary of 1 to 70 characters.' });
  return boundary;
}

/** The media type of a form with this boundary. */
export function formType(boundary: string): string {
  return `multipart/form-data; boundary=${needsNoQuotes.test(boundary) ? boundary : `"${boundary}"`}`;
}
