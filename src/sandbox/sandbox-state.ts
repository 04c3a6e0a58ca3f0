import { randomBase62 } from '../kernel/ids.js';
import { FileStore } from './files/file-store.js';
import { TuningStore } from './fine-tuning/tuning-store.js';
import { ResponseStore } from './responses/response-store.js';

const rememberedRefusals = 10_000;
const rememberedRequests = 100_000;

/** What one running sandbox remembers: its counters, who asked, and which one-time refusals were spent. */
export class SandboxState {
  active = 0;
  total = 0;
  aborted = 0;
  /** The responses that a later request may continue. */
  readonly responses = new ResponseStore();
  /** The files that were uploaded, and those that jobs have made. */
  readonly files = new FileStore();
  /** Fine-tuning jobs and their models. */
  readonly tuning = new TuningStore();
  private readonly requestIds = new Set<string>();
  private readonly refused = new Set<string>();
  private readonly run = randomBase62(16);
  private issued = 0;

  /** A new id: the prefix, 16 characters of this run, and a counter. */
  newId(prefix: string): string {
    this.issued += 1;
    return prefix + this.run + this.issued.toString(36).padStart(8, '0');
  }

  /** The `x-request-id` of the last 100,000 `/v1` requests that had one, each once. */
  get requests(): readonly string[] {
    return [...this.requestIds];
  }

  /** Remembers who asked. */
  noteRequest(id: string): void {
    this.requestIds.add(id);
    const oldest = this.requestIds.values().next().value;
    if (this.requestIds.size > rememberedRequests && oldest !== undefined) this.requestIds.delete(oldest);
  }

  /** True for the first request with this name, false for all later ones. Old names are forgotten after 10,000 others. */
  refuseNow(name: string): boolean {
    if (this.refused.has(name)) return false;
    const oldest = this.refused.values().next().value;
    if (this.refused.size >= rememberedRefusals && oldest !== undefined) this.refused.delete(oldest);
    this.refused.add(name);
    return true;
  }

  /** Sets `total` and `aborted` to zero and forgets who asked; `active` is a fact and stays. */
  resetStats(): void {
    this.requestIds.clear();
    this.total = 0;
    this.aborted = 0;
  }
}
