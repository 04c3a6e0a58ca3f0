import type { ChildProcess } from 'node:child_process';

export interface UpPlatform {
  readonly file: {
    readonly base_url: string;
    readonly admin_url: string;
    readonly admin_token: string;
    readonly database_url: string;
    readonly pids: Readonly<Record<'up' | 'api' | 'worker' | 'sandbox' | 'postgres', number>>;
  };
  readonly child: ChildProcess;
}

export interface KeyedUpload {
  readonly key: string;
  readonly name: string;
  readonly text: string;
}

export interface FilledRelease {
  readonly tenant: string;
  readonly secret: string;
  readonly used: readonly string[];
  readonly revokedSecret: string;
  readonly ready: string;
  readonly kept: KeyedUpload & { readonly id: string };
  readonly made: { readonly key: string; readonly body: object; readonly id: string };
  readonly halfWay: readonly string[];
  readonly broken: string;
  readonly cut: readonly KeyedUpload[];
  readonly chats: { readonly completed: number; readonly interrupted: number };
}

type Answer = Promise<Record<string, unknown>>;

export interface Caller {
  admin(method: string, path: string, body?: object): Answer;
  call(secret: string, method: string, path: string, body?: object, headers?: object): Answer;
  statusOf(secret: string, method: string, path: string, body?: object): Promise<number>;
  adminStatusOf(method: string, path: string, body?: object): Promise<number>;
  upload(secret: string, path: string, name: string, text: string, headers?: object): Answer;
  open(secret: string, content: string): Promise<() => Promise<void>>;
}

export const releaseBefore: string;
export function buildRelease(folder: string): string;
export function removeRelease(folder: string): void;
export function startUp(checkout: string, dataDir: string): Promise<UpPlatform>;
export function killAll(platform: UpPlatform): Promise<void>;
export function caller(file: UpPlatform['file']): Caller;
export function fillRelease(release: string, dataDir: string, hook: string): Promise<FilledRelease>;
