import type { InferenceService } from '../../modules/inference/inference.service.js';
import type { OpenStreams } from '../../modules/open-streams/open-streams.js';
import type { Gates } from '../../modules/usage/gates/gates.js';
import type { ApprovalGate } from '../approvals/approval-gate.js';
import type { TenantGuard } from '../auth/tenant-guard.js';
import type { BodyBudget } from '../body/json-body.js';
import type { AccessLog } from '../door/access-log.js';
import type { Tracing } from '../../observability/tracing/tracing.js';

/** The row of the route table that the sockets stand on. */
export const socketRoute = 'responses.websocket';

/** What every socket needs of its surroundings. */
export interface SocketTools {
  readonly inference: InferenceService;
  readonly openStreams: OpenStreams;
  readonly gates: Gates;
  readonly guard: TenantGuard;
  readonly log: AccessLog;
  readonly budget: BodyBudget;
  readonly tracing: Tracing;
  readonly approvals: ApprovalGate;
  /** The socket is closed. */
  onClosed(): void;
}
