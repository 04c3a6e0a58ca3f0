import { Worker } from 'node:worker_threads';
import { bytesPerToken, type CountedTokens, type UncountedCall } from './count-call.js';
import { FairQueue } from './fair-queue.js';

interface Job {
  readonly call: UncountedCall;
  /** What is booked when it cannot be counted. */
  readonly estimate: CountedTokens;
  readonly queuedAt: number;
  readonly resolve: (tokens: CountedTokens) => void;
}

export interface CallCounterOptions {
  /** The compiled `count-thread`, when it is not the one beside this file. */
  readonly thread?: URL;
  /** How long one call may keep the thread, its start included; then the thread is ended. In milliseconds. */
  readonly jobMs?: number;
}

/** What waits is held in memory. */
const bounds = { bytes: 128 * 1024 * 1024, entries: 4_096 } as const;
const defaultJobMs = 20_000;
/** Usage shows up within moments: what has waited for longer than this is not counted any more. */
const maxWaitMs = 5_000;
/** The texts of one call take no more than 30 MB, and what was counted is remembered. */
const heapMegabytes = 256;
/**
 * What counting makes is dropped at once. With a larger space for young objects the thread takes 35 MB more and counts a
 * tenth faster.
 */
const youngMegabytes = 2;

/**
 * A thread is started from JavaScript. When the sources themselves run, as in the tests, that is the one which the last
 * build made of them.
 */
function builtThread(): URL {
  const path = import.meta.url.endsWith('.ts') ? '../../../../dist/modules/inference/counting/' : './';
  return new URL(`${path}count-thread.js`, import.meta.url);
}

/**
 * Counts the tokens of calls in a thread of its own, which starts with the first of them and is started anew when it has
 * ended. Tenants take turns. A call that finds no room, waits too long or ends the thread gets an estimate by its length.
 */
export class CallCounter {
  private readonly queue = new FairQueue<Job>(bounds);
  private worker: Worker | undefined;
  private running: Job | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: CallCounterOptions = {}) {}

  /** Never rejects. The bytes of the call are given away, with all the memory that they lie in. */
  count(tenantId: string, call: UncountedCall): Promise<CountedTokens> {
    return new Promise((resolve) => {
      const job = { call, estimate: estimateOf(call), queuedAt: performance.now(), resolve };
      if (!this.queue.put(tenantId, job, call.request.length + call.said.length)) resolve(job.estimate);
      else this.next();
    });
  }

  private next(): void {
    while (this.running === undefined) {
      const job = this.queue.take();
      if (job === undefined) {
        // A thread that rests keeps no process alive.
        this.worker?.unref();
        return;
      }
      if (performance.now() - job.queuedAt > maxWaitMs) job.resolve(job.estimate);
      else this.run(job);
    }
  }

  private run(job: Job): void {
    this.running = job;
    const worker = (this.worker ??= this.start());
    worker.ref();
    this.timer = setTimeout(() => void worker.terminate(), this.options.jobMs ?? defaultJobMs);
    const { call } = job;
    worker.postMessage(call, [call.request.buffer as ArrayBuffer, call.said.buffer as ArrayBuffer]);
  }

  private done(tokens: CountedTokens | undefined): void {
    const job = this.running;
    this.running = undefined;
    clearTimeout(this.timer);
    if (job !== undefined) job.resolve(tokens ?? job.estimate);
    this.next();
  }

  private start(): Worker {
    const { thread = builtThread() } = this.options;
    const resourceLimits = { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: youngMegabytes };
    const worker = new Worker(thread, { name: 'gt-tokens', resourceLimits });
    worker.on('message', (tokens: CountedTokens) => this.done(tokens));
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = undefined;
      this.done(undefined);
    });
    return worker;
  }
}

function estimateOf({ request, said }: UncountedCall): CountedTokens {
  return { input: Math.ceil(request.length / bytesPerToken), output: Math.ceil(said.length / bytesPerToken) };
}
