import { AppError } from '../../../../kernel/app-error.js';
import { flagMember, invalid, textMember } from '../../call/request-body.js';
import { findMember, readBody, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';

/** What a frame of a client asks for. */
export interface CreateFrame {
  /** The lane that it belongs to; undefined for the one without a name. */
  readonly streamId: string | undefined;
  /** False: nothing is asked of the model, the response is only prepared. */
  readonly generates: boolean;
  /** The response that it goes on from. */
  readonly previousResponseId: string | undefined;
  /** The same as the body of `POST /responses` with `stream: true`. */
  readonly body: Buffer;
}

const laneForm = /^[A-Za-z0-9._-]{1,256}$/;
/** Members that belong to the socket and not to the response. */
const socketMembers = new Set(['type', 'stream_id', 'generate', 'background', 'stream', 'stream_options']);
const yes = Buffer.from('true');

/** The lane that a frame names, as far as it can be read: so that its refusal can name it too. */
export function laneOf(frame: Buffer): string | undefined {
  try {
    return streamIdOf(readBody(frame));
  } catch {
    return undefined;
  }
}

/** Reads a client's frame. @throws AppError invalid_request, invalid_value, unsupported_parameter. */
export function readCreateFrame(frame: Buffer): CreateFrame {
  const body = readBody(frame);
  const type = textMember(body, 'type');
  if (type !== 'response.create') throw invalid('type', "expected 'response.create'");
  const streamId = streamIdOf(body);
  if (flagMember(body, 'background')) {
    const message = "Unsupported parameter: 'background' cannot be used over a WebSocket.";
    throw new AppError('unsupported_parameter', { param: 'background', message });
  }
  const generates = findMember(body.scan, 'generate')?.kind !== 'false';
  if (generates) flagMember(body, 'generate');
  const edits: Edit[] = body.scan.members
    .filter(({ key }) => socketMembers.has(key) && key !== 'stream')
    .map(({ key }) => ({ op: 'remove', key }));
  edits.push({ op: 'set', key: 'stream', value: yes });
  const previousResponseId = textMember(body, 'previous_response_id');
  return { streamId, generates, previousResponseId, body: spliceBody(body.bytes, body.scan, edits) };
}

function streamIdOf(body: JsonBody): string | undefined {
  const id = textMember(body, 'stream_id');
  if (id !== undefined && !laneForm.test(id))
    throw invalid('stream_id', 'expected 1 to 256 letters, digits, dots, underscores and hyphens');
  return id;
}
