import type { JobPayload } from '../../contracts/jobs.js';
import { AnchoringService } from '../../modules/audit-chain/anchoring.service.js';
import { SealingService } from '../../modules/audit-chain/sealing.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Seals new rows of the audit, every few seconds, and anchors chains where that is due. */
@Processes('audit.seal')
export class AuditSealProcessor implements JobProcessor<'audit.seal'> {
  constructor(
    private readonly sealing: SealingService,
    private readonly anchoring: AnchoringService,
  ) {}

  async process(_payload: JobPayload<'audit.seal'>, run: JobRun): Promise<void> {
    await this.sealing.sealAll(run.signal);
    await this.anchoring.anchorDue(run.signal);
  }
}
