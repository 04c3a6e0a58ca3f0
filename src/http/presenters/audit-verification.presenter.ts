import type { AuditVerificationObject } from '../../contracts/audit-verification.js';
import { secondsOrNull } from '../../contracts/times.js';
import { chainName, type Chain } from '../../modules/audit-chain/chain.js';
import type { ChainVerification } from '../../modules/audit-chain/verification.service.js';

/** What a look at a whole chain has found. */
export function presentVerification(chain: Chain, found: ChainVerification): AuditVerificationObject {
  const { sealed, unsealed, head, anchors, newestAnchor, faults, faultCount } = found;
  return {
    object: 'audit.verification',
    chain: chainName(chain),
    ok: faultCount === 0,
    rows: sealed + unsealed.count,
    sealed,
    unsealed: unsealed.count,
    unsealed_since: secondsOrNull(unsealed.oldest),
    head: head ?? null,
    anchors,
    newest_anchor: newestAnchor === undefined ? null : { day: newestAnchor.day, seq: newestAnchor.seq, hash: newestAnchor.hash },
    faults: [...faults],
    fault_count: faultCount,
  };
}
