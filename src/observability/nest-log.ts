import type { LoggerService } from '@nestjs/common';
import { redact, type Log } from './log.js';

/**
 * What Nest and the services say through Nest's Logger, in the process's own log: one JSON object a line, redacted,
 * by the level of the settings. Nest's own console would print coloured text with whatever stands in it.
 */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  /** Nest's announcements at start are of no use to an operator. */
  log(): void {
    // Left out.
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.target.warn(redact(String(message)), { context: contextOf(more) });
  }

  error(message: unknown, ...more: unknown[]): void {
    this.target.failure(message, { context: contextOf(more) });
  }

  fatal(message: unknown, ...more: unknown[]): void {
    this.error(message, ...more);
  }
}

/** Nest puts the name of the speaker last. */
function contextOf(more: readonly unknown[]): string | undefined {
  const last = more.at(-1);
  return typeof last === 'string' ? last : undefined;
}
