import { factsOfWire } from '../../contracts/wires.js';
import type { ConnectionTarget } from './connection-target.js';

/** Who is asked over a connection, as OpenTelemetry names providers: of its wire, since anybody may stand at its address. */
export function tracedProvider({ dialect, hasDeployments, wire }: ConnectionTarget): string {
  return factsOfWire(dialect ?? (hasDeployments ? 'azure' : wire)).tracedAs;
}
