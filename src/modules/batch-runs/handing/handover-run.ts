import { faultPoint } from '../../../platform/fault-point.js';
import type { TenantDatabase, Transaction } from '../../../platform/database/tenant-database.js';
import { AppError } from '../../../kernel/app-error.js';
import type { EndpointDirectory } from '../../agents/endpoint-directory.js';
import type { BatchHandoversRepository } from '../../batches/batch-handovers.repository.js';
import type { HandoverChange, HandoverRecord } from '../../batches/batch-handover.js';
import type { BatchLinesRepository } from '../../batches/batch-lines.repository.js';
import { LostBatchError, type BatchRecord } from '../../batches/batch-record.js';
import type { AskedProvider } from '../../provider-jobs/asked-provider.js';
import type { BatchRun } from '../open-batch-runs.js';
import { toldOf } from './told-batch.js';

/** What every run needs of its surroundings. */
export interface HandoverTools {
  readonly database: TenantDatabase;
  readonly lines: BatchLinesRepository;
  readonly handovers: BatchHandoversRepository;
  readonly endpoints: EndpointDirectory;
  readonly faultSetting: string | undefined;
  /** How often a provider is asked, in milliseconds. */
  readonly pollMs: number;
}

/** One run at a batch that its provider makes. */
export class HandoverRun {
  constructor(
    private readonly tools: HandoverTools,
    private readonly run: BatchRun,
    /** As it was written last. */
    public handover: HandoverRecord,
    readonly signal: AbortSignal,
  ) {}

  get batch(): BatchRecord {
    return this.run.batch;
  }

  get pollMs(): number {
    return this.tools.pollMs;
  }

  /** The batch was cancelled, or its window is over: what is left of it is not made. */
  get isEnding(): boolean {
    return this.batch.endsAs !== 'completed' || this.run.status === 'cancelling';
  }

  /** The batch's provider, as it is now. @throws AppError upstream_unavailable for a connection that is gone. */
  async asked(): Promise<AskedProvider> {
    const { connections } = await this.tools.endpoints.of(this.batch.tenantId);
    const connection = [...connections.values()].find(({ id }) => id === this.handover.connectionId);
    if (connection === undefined) throw new AppError('upstream_unavailable', { message: 'The connection of the batch is gone.' });
    return { connection, told: toldOf(this.handover, this.batch), signal: this.signal };
  }

  /** Reads or writes while the run has its batch. @throws LostBatchError; the signal's reason. */
  async within<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    if (this.run.isLost) throw new LostBatchError();
    return this.tools.database.run(this.batch.tenantId, async (tx) => {
      await this.tools.lines.holdRun(tx, this.batch, this.run.id);
      return work(tx);
    });
  }

  /** Whether the handover stands where it was read to stand. @throws LostBatchError. */
  async isCurrent(): Promise<boolean> {
    const now = await this.within((tx) => this.tools.handovers.find(tx, this.batch));
    if (now?.step !== this.handover.step) return false;
    this.handover = now;
    return true;
  }

  /** Changes the handover. @param work what is written with it. @throws LostBatchError. */
  async write(change: HandoverChange, work: (tx: Transaction) => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    this.handover = await this.within(async (tx) => {
      await work(tx);
      return this.tools.handovers.update(tx, this.batch, change);
    });
  }

  /** A step that tests may end the process at. */
  reach(step: string): void {
    faultPoint(this.tools.faultSetting, step);
  }
}

/** What a step comes to: the next one follows at once, or after a time in milliseconds. */
export type StepEnd = 'again' | { readonly waitMs: number };
