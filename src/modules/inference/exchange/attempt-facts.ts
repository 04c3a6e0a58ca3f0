import type { Modality } from '../../../contracts/scopes.js';
import type { AttemptFacts } from '../../../observability/tracing/call-trace.js';
import { tracedProvider } from '../../agents/traced-provider.js';
import type { CallPlan } from '../call/call-plan.js';

/** What is asked for, in the words of OpenTelemetry where it has some. */
const operations = {
  chat: 'chat',
  embed: 'embeddings',
  transcribe: 'transcription',
  speech: 'speech',
  image: 'image_generation',
  moderate: 'moderation',
} as const satisfies Readonly<Record<Modality, string>>;

/** What a trace tells of a call that is sent: nothing of its content, and nothing of its provider's address. */
export function attemptFacts({ kind, target, publishedName, streamed }: CallPlan): AttemptFacts {
  return {
    operation: operations[kind.modality],
    provider: tracedProvider(target.connection),
    model: target.model,
    connectionId: target.connection.id,
    endpoint: publishedName,
    isStreamed: streamed !== undefined,
  };
}
