import { compactPath } from '../../call/compact-path.js';
import type { Additions } from '../../call/dialogue.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import type { ResponseSaid } from '../responses/response-said.js';
import { ResponsesAnswer } from '../responses/responses-answer.js';
import { ownMembers, sentInput } from '../responses/sent-unchanged.js';
import type { AskedResponse, SentRequest } from '../responses/sent-request.js';

/** Members of a request for a response that a request for a compaction does not have. */
const ofResponses = [...ownMembers, 'store', 'stream', 'stream_options', 'include'] as const;

/** The request to the provider's own compaction: the request's bytes, with what changes. An agent's parameters are for answers. */
export function sentToCompact(response: AskedResponse, said: ResponseSaid, additions: Additions): SentRequest {
  const { asked, target, tools } = response;
  const { bytes, scan } = asked.body;
  const { droppedFields } = target.connection;
  const changed = new Map<string, Edit>();
  const set = (key: string, value: Buffer): unknown => changed.set(key, { op: 'set', key, value });
  for (const { key } of scan.members)
    if (droppedFields.has(key) || ofResponses.some((name) => name === key)) changed.set(key, { op: 'remove', key });
  set('model', target.encodedModel);
  const instructions = response.instructions();
  if (instructions !== undefined && instructions !== asked.instructions)
    set('instructions', Buffer.from(JSON.stringify(instructions)));
  const sent = sentInput(response, additions);
  if (sent !== undefined) set('input', sent.input);
  if (tools.kept !== undefined) set('tools', Buffer.from(JSON.stringify(tools.kept)));
  return {
    path: compactPath(target.paths.responses),
    // A copy: the provider may have to be asked for something else.
    body: spliceBody(bytes, scan, [...changed.values()]),
    answer: new ResponsesAnswer(said),
    inputMoved: sent?.isMoved ?? false,
    leftOut: tools.leftOut,
    itemsLeftOut: sent?.leftOut ?? [],
  };
}
