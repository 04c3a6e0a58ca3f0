import { keyLimits } from '../../contracts/key-limits.js';
import { auditedFields, type AuditedFields } from '../audit/before-and-after.js';
import type { KeyRow } from './key-row.js';
import type { KeyFields } from './keys.repository.js';

type Audited = Omit<KeyFields, 'scopes' | 'limits' | 'promptPolicy'> &
  Pick<KeyRow, 'purpose' | 'preset' | 'state' | 'scopes'> & { readonly limits: unknown; readonly promptPolicy: unknown };

/** A key in the words of its requests, as the audit shows it. Its secret is none of its fields. */
export function auditedKey(key: Audited): AuditedFields {
  return {
    ...auditedFields(key, ['name', 'purpose', 'preset', 'scopes', 'agents', 'rawModels', 'datasets', 'allowedIps']),
    ...auditedFields(key, ['promptPolicy', 'keepAlive', 'websocket', 'approval', 'state', 'expiresAt']),
    limits: keyLimits.parse(key.limits),
    links: { inference: key.inferenceKeyId, upload: key.uploadKeyId },
  };
}
