import type { AppError } from '../../kernel/app-error.js';

/** An error as a frame: of a request that was refused, or of the socket itself. */
export function errorFrame(error: AppError, streamId?: string): string {
  const told = { type: 'error', status: error.status, ...error.body() };
  const headers = Object.keys(error.headers).length === 0 ? {} : { headers: error.headers };
  return JSON.stringify({ ...(streamId === undefined ? {} : { stream_id: streamId }), ...told, ...headers });
}

/** The member that names a frame's lane. @param streamId of letters, digits, `.`, `_` and `-`: nothing to be escaped. */
export function laneMember(streamId: string): string {
  return `"stream_id":"${streamId}"`;
}
