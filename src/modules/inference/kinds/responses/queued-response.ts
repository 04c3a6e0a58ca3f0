import { AppError } from '../../../../kernel/app-error.js';
import { jsonSize } from '../../../../kernel/json-size.js';
import type { BackgroundCall, QueuedAnswer } from '../../call/background-call.js';
import type { Additions } from '../../call/dialogue.js';
import { printExact } from '../../wire/exact-json.js';
import { spliceBody } from '../../wire/json-edit.js';
import { ownResponse } from './response-object.js';
import type { ResponseFrame } from './response-frame.js';
import { ResponseSaid } from './response-said.js';
import { newResponseId } from './response-ids.js';
import { echoedMembers } from './sent-over-chat.js';
import type { AskedResponse } from './sent-request.js';

/** What nests deeper cannot be shown. */
const maxDepth = 512;

/** A response that a worker makes. What it asks is the client's request, as a stream and in the foreground. */
export class QueuedResponse implements BackgroundCall {
  /** @param frameOf what the response says of its request. */
  constructor(
    private readonly response: AskedResponse,
    private readonly frameOf: (additions: Additions) => ResponseFrame,
  ) {}

  get isFollowed(): boolean {
    return this.response.asked.stream;
  }

  body(): Buffer {
    const { bytes, scan } = this.response.asked.body;
    return spliceBody(bytes, scan, [
      { op: 'set', key: 'stream', value: Buffer.from('true') },
      { op: 'remove', key: 'background' },
    ]);
  }

  /** @throws AppError invalid_request for a request that cannot be shown. */
  queued(additions: Additions): QueuedAnswer {
    const { bytes } = this.response.asked.body;
    if (jsonSize(bytes, bytes.length).depth > maxDepth)
      throw new AppError('invalid_request', { message: `The JSON body nests deeper than ${maxDepth} levels.` });
    const queued = { id: newResponseId(), createdAt: Math.floor(Date.now() / 1000) };
    const said = new ResponseSaid({ ...this.frameOf(additions), queued });
    const { object } = ownResponse({ status: 'queued', ...echoedMembers(this.response) }, said);
    return { id: queued.id, object: printExact(object) };
  }
}
