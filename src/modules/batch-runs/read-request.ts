import { isUtf8 } from 'node:buffer';
import { batchBounds, batchEndpointOf, type BatchEndpoint, type BatchError } from '../../contracts/batches.js';
import { AppError } from '../../kernel/app-error.js';
import { storable } from '../../platform/journal/record-columns.js';
import { findMember, readMember, readObject, type JsonBody } from '../inference/wire/json-body.js';
import { scanObject, type ScannedMember } from '../inference/wire/json-scan.js';

/** A longer line is not parsed: what is broken deep within it is found when it runs. */
const parsedBytes = 1024 * 1024;

/** A request in its line of the input. */
export interface FoundRequest {
  readonly customId: string;
  /** Where its body begins in the line, and how long it is. */
  readonly bodyStart: number;
  readonly bodyBytes: number;
  /** The model that it names; undefined where it names none, or not in a text. */
  readonly model: string | undefined;
  /** Set for a request that no batch makes: the others of the batch run all the same. */
  readonly refusal: AppError | undefined;
}

/** What is wrong with a line, so that the batch cannot be run. */
export type LineFault = Omit<BatchError, 'line'>;

/** Reads a line of the input of a batch. */
export function readRequest(line: Buffer, endpoint: BatchEndpoint): FoundRequest | LineFault {
  const read = isUtf8(line) ? scanObject(line) : undefined;
  if (read?.ok !== true || !isWholeJson(line)) return fault('invalid_json_line', 'The line is not a JSON object.', null);
  const members = new Map(read.members.map((member) => [member.key, member]));
  for (const name of ['custom_id', 'method', 'url', 'body'] as const)
    if (!members.has(name)) return fault('missing_required_parameter', `Missing required parameter: '${name}'.`, name);
  const [customId, method, url] = ['custom_id', 'method', 'url'].map((name) => textOf(line, members.get(name)));
  if (customId === undefined || !isCustomId(customId)) return fault('invalid_value', customIdForm, 'custom_id');
  if (method !== 'POST') return fault('invalid_value', "Invalid value for 'method': only POST is supported.", 'method');
  if (url === undefined) return fault('invalid_value', "Invalid value for 'url': expected a string.", 'url');
  const body = members.get('body');
  if (body?.kind !== 'object') return fault('invalid_value', "Invalid value for 'body': expected an object.", 'body');
  const { valueStart: bodyStart, valueEnd } = body;
  const asked = readObject(line.subarray(bodyStart, valueEnd));
  // What is no request is refused when it runs, as it would be without a batch.
  const refusal = otherUrl(url, endpoint) ?? (asked.ok ? refusalOf(asked) : undefined);
  const model = asked.ok ? textOf(asked.bytes, findMember(asked.scan, 'model')) : undefined;
  return { customId, bodyStart, bodyBytes: valueEnd - bodyStart, model, refusal };
}

const customIdForm = `Invalid value for 'custom_id': expected a text of 1 to ${batchBounds.customIdCharacters} characters.`;

function isCustomId(text: string): boolean {
  return text.length > 0 && text.length <= batchBounds.customIdCharacters && storable(text) === text;
}

function isWholeJson(line: Buffer): boolean {
  if (line.length > parsedBytes) return true;
  try {
    JSON.parse(line.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function textOf(line: Buffer, member: ScannedMember | undefined): string | undefined {
  if (member?.kind !== 'string') return undefined;
  try {
    return readMember(line, member) as string;
  } catch {
    return undefined;
  }
}

function otherUrl(url: string, endpoint: BatchEndpoint): AppError | undefined {
  if (batchEndpointOf(url) === endpoint) return undefined;
  return new AppError('invalid_value', {
    param: 'url',
    message: `Invalid value for 'url': all requests of this batch go to ${endpoint}.`,
  });
}

/** What asks for something that a request of a batch cannot have. */
function refusalOf(body: JsonBody): AppError | undefined {
  for (const name of ['stream', 'background']) if (kindOf(body, name) === 'true') return notInBatches(name);
  for (const name of ['conversation', 'previous_response_id'])
    if (![undefined, 'null'].includes(kindOf(body, name))) return notInBatches(name);
  return undefined;
}

function kindOf({ scan }: JsonBody, name: string): string | undefined {
  return findMember(scan, name)?.kind;
}

function notInBatches(param: string): AppError {
  return new AppError('unsupported_parameter', {
    param,
    message: `Unsupported parameter: '${param}' is not supported in batches.`,
  });
}

function fault(code: string, message: string, param: string | null): LineFault {
  return { code, message, param };
}
