import { Injectable } from '@nestjs/common';
import { KeyRing } from '../../platform/secrets/key-ring.js';
import { sealOf, type ApprovalPlace, type HeldHead } from './approval-record.js';

/** Heads of held requests, sealed: a query and headers may hold anything. */
@Injectable()
export class HeldHeads {
  constructor(private readonly keyRing: KeyRing) {}

  seal(place: ApprovalPlace, head: HeldHead): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.keyRing.seal(JSON.stringify(head), sealOf(place, 'head')));
  }

  /** @throws SealError. */
  open(place: ApprovalPlace, sealed: Uint8Array): HeldHead {
    return JSON.parse(this.keyRing.open(sealed, sealOf(place, 'head'))) as HeldHead;
  }
}
