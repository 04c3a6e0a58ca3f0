import type { DataFolder } from './data-folder.js';

const name = 'up.json';

/** `up.json` (contract section 9): how the platform's own tools find what runs here. Holds secrets; mode 0600. */
export interface UpFile {
  readonly version: 1;
  readonly base_url: string;
  readonly admin_url: string;
  readonly admin_token: string;
  readonly database_url: string;
  readonly redis_url: string | null;
  readonly sandbox_url: string;
  /** GT_ALLOW_PRIVATE_UPSTREAMS as the processes have it. */
  readonly private_upstreams: string;
  readonly pids: {
    readonly up: number;
    readonly api: number | null;
    readonly worker: number | null;
    readonly sandbox: number | null;
    /** Null when the database was given by DATABASE_URL. */
    readonly postgres: number | null;
  };
  readonly logs: Readonly<Record<string, string>>;
}

/** Written when the platform is ready, and again when a process was restarted. */
export function writeUpFile(folder: DataFolder, content: UpFile): void {
  folder.writeJson(name, content);
}

export function removeUpFile(folder: DataFolder): void {
  folder.remove(name);
}
