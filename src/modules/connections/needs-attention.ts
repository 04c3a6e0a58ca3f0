import { AppError } from '../../kernel/app-error.js';

/** What a call is answered whose connection holds a secret that cannot be opened (502). */
export function needsAttention(cause?: unknown): AppError {
  return new AppError('upstream_unavailable', {
    message: 'This model cannot be called: its connection needs the attention of your administrator.',
    cause,
  });
}
