import { join } from 'node:path';
import { migrate } from '../platform/database/migrate.js';
import type { Addresses } from './addresses.js';
import { chooseAddresses } from './choose-addresses.js';
import { DataFolder } from './data-folder.js';
import { fillPlatform } from './fill-platform.js';
import { changeState, databaseMark, loadSecrets, loadState, type Secrets } from './local-state.js';
import { answersOk, PlatformProcesses } from './platform-processes.js';
import { PostgresWatch } from './postgres-watch.js';
import { ProcessList } from './process-list.js';
import type { SeedResult } from './seed.js';
import type { Steps } from './steps.js';
import { removeUpFile, writeUpFile } from './up-file.js';
import { allowanceWith, type UpSettings } from './up-settings.js';
import { welcomeText } from './welcome.js';

const readyTimeoutMs = 60_000;
/** How much longer than its grace another `up` may take to stop. */
const otherStopMs = 20_000;

/** The signals that end a platform: `stop` in order, `hurry` without waiting for open requests. */
export interface StopSignals {
  readonly stop: AbortSignal;
  readonly hurry: AbortSignal;
}

/** A start was broken off by its stop signal. */
export class StoppedError extends Error {}

interface Running {
  readonly databaseUrl: string;
  readonly addresses: Addresses;
  readonly processes: PlatformProcesses;
  readonly adminToken: string;
}

/** The whole platform on one machine. Started once, stopped once; `stop` also ends a start that went half way. */
export class Platform {
  private readonly folder: DataFolder;
  private readonly secrets: Secrets;
  private postgres: PostgresWatch | null = null;
  private processList: ProcessList | null = null;
  private running: Running | null = null;
  /** What ends what was started, the last first. */
  private readonly endings: (() => Promise<void> | void)[] = [];

  constructor(
    private readonly settings: UpSettings,
    private readonly steps: Steps,
    private readonly signals: StopSignals,
    private readonly onLost: (reason: string) => void,
  ) {
    this.folder = new DataFolder(settings.dataDir);
    this.secrets = loadSecrets(this.folder);
  }

  /**
   * Starts everything and shows each step.
   * @throws UpError, EmbeddedPostgresError or MigrationError with a sentence for the terminal; StoppedError.
   */
  async start(): Promise<void> {
    await this.takeFolder();
    const { settings, folder, secrets } = this;
    const addresses = await chooseAddresses(settings.config, folder);
    const databaseUrl = settings.databaseUrl ?? (await this.startPostgres());
    await this.step('migrating the database', (onProgress) => migrate(databaseUrl, { onProgress }));
    const processes = await this.startProcesses(databaseUrl, addresses);
    const step = this.step.bind(this);
    const say = (text: string) => this.steps.line(text);
    const { adminToken, seed } = await fillPlatform({ settings, folder, secrets, addresses, databaseUrl, step, say });
    processes.keep();
    this.running = { databaseUrl, addresses, processes, adminToken };
    this.endings.push(() => removeUpFile(folder));
    this.writeUpFile();
    this.welcome(addresses, seed);
  }

  /** Ends everything in order: the API and the worker with their open requests, the sandbox, the database. */
  async stop(): Promise<void> {
    this.running = null;
    this.processList?.markStopping();
    for (const end of this.endings.splice(0).reverse()) await end();
  }

  private async step<T>(name: string, work: (onProgress: (text: string) => void) => Promise<T>): Promise<T> {
    this.throwIfStopped();
    return this.steps.run(name, work);
  }

  private throwIfStopped(): void {
    if (this.signals.stop.aborted) throw new StoppedError();
  }

  /** Before anything starts: nothing else may run on this folder, and what was left on it ends. */
  private async takeFolder(): Promise<void> {
    const waitMs = this.settings.config.GT_SHUTDOWN_DELAY_MS + this.settings.config.GT_SHUTDOWN_GRACE_MS + otherStopMs;
    const list = await ProcessList.claim(this.folder, (text) => this.steps.line(`… ${text}`), waitMs);
    this.processList = list;
    this.endings.push(() => list.release());
    removeUpFile(this.folder);
  }

  private async startPostgres(): Promise<string> {
    const watch = await this.step('starting the embedded PostgreSQL', (onProgress) =>
      PostgresWatch.start(
        { dataDir: join(this.settings.dataDir, 'postgres'), logFile: this.folder.logFile('postgres'), onProgress },
        { onRestart: () => this.writeUpFile(), onTrouble: (text) => this.steps.line(text), onLost: this.onLost },
      ),
    );
    this.postgres = watch;
    this.endings.push(() => watch.stop());
    return watch.url;
  }

  private async startProcesses(databaseUrl: string, addresses: Addresses): Promise<PlatformProcesses> {
    const { config, environment, dataDir } = this.settings;
    const processes = new PlatformProcesses(
      {
        folder: this.folder,
        sandboxPort: addresses.sandboxPort,
        sandboxToken: this.secrets.sandbox_token,
        graceMs: config.GT_SHUTDOWN_DELAY_MS + config.GT_SHUTDOWN_GRACE_MS,
        environment: {
          ...environment,
          DATABASE_URL: databaseUrl,
          GT_DATA_DIR: dataDir,
          GT_PORT: String(addresses.apiPort),
          GT_SHUTDOWN_DELAY_MS: String(config.GT_SHUTDOWN_DELAY_MS),
          GT_SECRET_KEYS: environment['GT_SECRET_KEYS'] || this.secrets.secret_keys,
          GT_ALLOW_PRIVATE_UPSTREAMS: this.allowance(addresses),
        },
      },
      {
        onStart: (name, pid) => {
          this.processList?.note(name, pid);
          this.writeUpFile();
        },
        onTrouble: (text) => this.steps.line(text),
      },
    );
    await this.step('starting sandbox, API and worker', () => this.startAndWait(processes, addresses));
    return processes;
  }

  private allowance({ sandboxPort }: Addresses): string {
    return allowanceWith(this.settings.environment['GT_ALLOW_PRIVATE_UPSTREAMS'], sandboxPort);
  }

  private async startAndWait(processes: PlatformProcesses, addresses: Addresses): Promise<void> {
    const { sandbox, api, worker } = processes;
    const answers = (url: string) => async () => {
      this.throwIfStopped();
      return answersOk(url);
    };
    this.endings.push(() => processes.stop(this.signals.hurry));
    for (const process of [sandbox, api, worker]) process.start();
    await Promise.all([
      sandbox.whenReady(answers(`http://127.0.0.1:${addresses.sandboxPort}/healthz`), readyTimeoutMs),
      api.whenReady(answers(`${addresses.origin}/readyz`), readyTimeoutMs),
    ]);
    worker.assertRunning();
  }

  /** The secrets are shown before they are noted as shown: killed in between, the next start makes new ones. */
  private welcome(addresses: Addresses, seed: SeedResult | null): void {
    const { GT_PUBLIC_URL: publicUrl } = this.settings.config;
    this.steps.line(welcomeText({ addresses, publicUrl, dataDir: this.settings.dataDir, seed }));
    if (seed === null) return;
    const seeded = [...loadState(this.folder).seeded, databaseMark(this.settings.databaseUrl)];
    changeState(this.folder, { seeded });
  }

  /** Does nothing before the platform is ready: whoever finds the file may use what it names. */
  private writeUpFile(): void {
    if (this.running === null) return;
    const { addresses, processes, adminToken, databaseUrl } = this.running;
    writeUpFile(this.folder, {
      version: 1,
      base_url: addresses.baseUrl,
      admin_url: addresses.adminUrl,
      admin_token: adminToken,
      database_url: databaseUrl,
      redis_url: this.settings.environment['REDIS_URL'] || null,
      sandbox_url: addresses.sandboxUrl,
      private_upstreams: this.allowance(addresses),
      pids: {
        up: process.pid,
        api: processes.api.pid,
        worker: processes.worker.pid,
        sandbox: processes.sandbox.pid,
        postgres: this.postgres?.pid ?? null,
      },
      logs: Object.fromEntries(['api', 'worker', 'sandbox', 'postgres'].map((name) => [name, this.folder.logFile(name)])),
    });
  }
}
