import type { Modality } from '../../../contracts/scopes.js';
import { factsOfWire } from '../../../contracts/wires.js';
import type { AttemptFacts } from '../../../observability/tracing/call-trace.js';
import type { ConnectionTarget } from '../../agents/connection-target.js';
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
    provider: providerOf(target.connection),
    model: target.model,
    connectionId: target.connection.id,
    endpoint: publishedName,
    isStreamed: streamed !== undefined,
  };
}

function providerOf({ dialect, hasDeployments, wire }: ConnectionTarget): string {
  return factsOfWire(dialect ?? (hasDeployments ? 'azure' : wire)).tracedAs;
}
