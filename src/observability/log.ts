import { pino, type DestinationStream, type Logger } from 'pino';
import { Config } from '../config/config.module.js';
import { AppError } from '../kernel/app-error.js';
import { LineBuffer } from './line-buffer.js';

/** What may be logged beside a message: ids and numbers, never bodies, keys or headers. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

const secretForms = /gt(?:a[kd]|ss|ln)_[0-9A-Za-z]{4,}|sk-[0-9A-Za-z_-]{8,}|(?<=bearer )\S+|(?<=:\/\/)[^\s/@]+:[^\s/@]+(?=@)/gi;

/** Takes out of a text what looks like a credential. */
export function redact(text: string): string {
  return text.replace(secretForms, '[redacted]');
}

/** The process's log: one JSON object a line on standard output. Texts of errors are redacted before they are written. */
export class Log {
  readonly logger: Logger;
  /** False where the level leaves out the lines of requests. */
  readonly tellsRequests: boolean;

  constructor(
    config: Config,
    private readonly destination: DestinationStream = new LineBuffer(pino.destination({ fd: 1, sync: false })),
  ) {
    this.logger = pino(
      { level: config.GT_LOG_LEVEL, base: null, formatters: { level: (label) => ({ level: label }) } },
      destination,
    );
    this.tellsRequests = this.logger.isLevelEnabled('info');
  }

  /** Writes the line of a request. @param members JSON members with a comma before each. */
  request(members: string): void {
    this.destination.write(`{"level":"info","time":${Date.now()}${members}}\n`);
  }

  info(message: string, fields: LogFields = {}): void {
    this.logger.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.logger.warn(fields, message);
  }

  /**
   * An error that nobody expected, with its causes; the caller saw only its public sentence. One whose reason lies outside, see
   * `AppError.reason`, is a warning with that reason alone.
   */
  failure(error: unknown, fields: LogFields = {}): void {
    if (error instanceof AppError && error.reason !== null)
      this.warn('what a call needs from outside failed', { ...fields, code: error.code, reason: error.reason });
    else this.logger.error({ ...fields, error: redact(describe(error)) }, 'unexpected error');
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.cause === undefined ? (error.stack ?? error.message) : error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${describe(error.cause)}`;
}
