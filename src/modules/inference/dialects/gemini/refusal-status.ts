import { isFields } from '../../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../../kernel/parse-json.js';

const wrongKey = 'API_KEY_INVALID';

/** Google refuses a wrong key like a request that it cannot read; that is the connection's fault and not the caller's. */
export function geminiRefusalStatus(status: number, body: Buffer): number {
  if (status !== 400 || !body.includes(wrongKey)) return status;
  const said = parsedOrUndefined(body);
  const error = isFields(said) ? said['error'] : undefined;
  const details = isFields(error) && Array.isArray(error['details']) ? (error['details'] as unknown[]) : [];
  return details.some((detail) => isFields(detail) && detail['reason'] === wrongKey) ? 401 : status;
}
