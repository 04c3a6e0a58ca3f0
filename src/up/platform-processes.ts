import { fileURLToPath } from 'node:url';
import type { DataFolder } from './data-folder.js';
import { ManagedProcess, type ProcessEvents, type ProcessSpec } from './managed-process.js';
import type { Environment } from './up-settings.js';

const sandboxStopMs = 2_000;
/** Beyond its own grace a process gets this long to close what it holds. */
const closingMs = 5_000;

/**
 * Bodies in flight fill the space of young objects (16 MiB by default), and what outlives it is copied again and again. A
 * larger one costs memory under load alone. Docker files and docs/operating.md say the same.
 */
const apiNodeOptions: readonly string[] = ['--max-semi-space-size=64'];

/** glibc's: with an arena for each of Node's threads a quiet process holds some ten megabytes that nobody uses. */
const allocator = { MALLOC_ARENA_MAX: '2' };

/** What the three processes are started with. */
export interface ProcessSettings {
  readonly folder: DataFolder;
  readonly environment: Environment;
  readonly sandboxPort: number;
  readonly sandboxToken: string;
  /** GT_SHUTDOWN_GRACE_MS. */
  readonly graceMs: number;
}

function built(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** The sandbox, the API and the worker as processes of their own, each with its log. */
export class PlatformProcesses {
  readonly sandbox: ManagedProcess;
  readonly api: ManagedProcess;
  readonly worker: ManagedProcess;

  constructor(
    private readonly settings: ProcessSettings,
    events: ProcessEvents,
  ) {
    const make = (name: string, spec: Omit<ProcessSpec, 'name' | 'logFile'>) =>
      new ManagedProcess({ name, ...spec, logFile: settings.folder.logFile(name) }, events);
    this.sandbox = make('sandbox', {
      script: built('sandbox/main.js'),
      args: ['--port', String(settings.sandboxPort), '--grace-ms', String(sandboxStopMs)],
      environment: { PATH: settings.environment['PATH'], GT_SANDBOX_TOKEN: settings.sandboxToken },
    });
    const environment = { ...allocator, ...settings.environment };
    this.api = make('api', { script: built('main.js'), nodeOptions: apiNodeOptions, environment });
    this.worker = make('worker', { script: built('worker.js'), environment });
  }

  /** The API and the worker end first, with their open requests finished; the provider they use ends after them. */
  async stop(hurry: AbortSignal): Promise<void> {
    const graceMs = this.settings.graceMs + closingMs;
    await Promise.all([this.api.stop(graceMs, hurry), this.worker.stop(graceMs, hurry)]);
    await this.sandbox.stop(sandboxStopMs + closingMs, hurry);
  }

  /** From now on each is started again when it ends unasked. */
  keep(): void {
    for (const process of [this.sandbox, this.api, this.worker]) process.keep();
  }
}

/** True when the address answers 200. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
