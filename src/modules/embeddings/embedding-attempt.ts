import type { TracedAttempt } from '../../observability/tracing/call-trace.js';
import { currentTrace } from '../../observability/tracing/current-trace.js';
import type { ConnectionTarget } from '../agents/connection-target.js';
import { tracedProvider } from '../agents/traced-provider.js';

/** A try at embedding in the trace of the job or the request that it is made for, as far as that is recorded. */
export function attemptOf(
  { connectionId, model }: { readonly connectionId: string; readonly model: string },
  connection: ConnectionTarget,
): TracedAttempt | undefined {
  return currentTrace()?.attempt({
    operation: 'embeddings',
    provider: tracedProvider(connection),
    model,
    connectionId,
    endpoint: `${connection.name}/${model}`,
    isStreamed: false,
  });
}
