import type { TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { CallDraft, CallPlan } from '../../call/call-plan.js';
import { chooseEndpoint } from '../../call/endpoint-choice.js';
import type { InferenceKind } from '../../call/inference-kind.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import { invalid, missing, readKnownBody, textMember } from '../../call/request-body.js';
import { findMember, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import type { EmbeddingEncoding } from '../../wire/embeddings-encoding.js';
import { EmbeddingsAnswer } from './embeddings-answer.js';
import { moderationCall } from '../moderations/moderation-call.js';

/** `POST /embeddings`: never streamed, and without instructions or parameters of an agent. */
export const embeddingsKind: InferenceKind = {
  routeId: 'embeddings.create',
  modality: 'embed',
  isDialogue: false,
  moderation: moderationCall,
  draft: embeddingsDraft,
};

function embeddingsDraft(request: InferenceRequest, endpoints: TenantEndpoints): CallDraft {
  const body = readKnownBody(request.body);
  const model = textMember(body, 'model');
  const chosen = chooseEndpoint(request.identity.key, endpoints, request.headers, model, embeddingsKind.modality);
  const member = findMember(body.scan, 'input');
  if (member === undefined) throw missing('input');
  if (member.kind !== 'string' && member.kind !== 'array') throw invalid('input', 'expected a string or an array');
  const encoding = encodingMember(body);
  const { endpoint, target, publishedName } = chosen;
  return {
    endpoint,
    target,
    publishedName,
    kind: embeddingsKind,
    dialogue: undefined,
    plan: (): CallPlan => ({
      endpoint,
      target,
      publishedName,
      kind: embeddingsKind,
      path: target.paths.embeddings,
      body: spliceBody(
        body.bytes,
        body.scan,
        bodyEdits(body, target.connection.droppedFields, target.encodedModel),
        request.bodyRoom,
      ),
      contentType: 'application/json',
      answer: new EmbeddingsAnswer(publishedName, encoding),
      streamed: undefined,
      retryAfterMaxSeconds: endpoint.agent?.retry_after_max_seconds ?? 0,
      hidden: [],
    }),
  };
}

function bodyEdits(body: JsonBody, dropped: ReadonlySet<string>, model: Buffer): Edit[] {
  const edits: Edit[] = [{ op: 'set', key: 'model', value: model }];
  for (const { key } of body.scan.members) if (key !== 'model' && dropped.has(key)) edits.push({ op: 'remove', key });
  return edits;
}

function encodingMember(body: JsonBody): EmbeddingEncoding {
  const value = textMember(body, 'encoding_format') ?? 'float';
  if (value !== 'float' && value !== 'base64') throw invalid('encoding_format', "expected 'float' or 'base64'");
  return value;
}
