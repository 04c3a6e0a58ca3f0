import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import type { ResponseOwner } from '../response-record.js';
import {
  LostClaimError,
  type BackgroundEnd,
  type BackgroundState,
  type Claim,
  type ClaimedCall,
  type QueuedCall,
  type ResponsePlace,
  type StoredEvent,
} from './background-record.js';

/** A run that has said nothing for so long has died. */
export const deadSeconds = 10;

/** So many bytes of events are read at a time, unless one alone has more. */
const pageBytes = 1024 * 1024;

/** Events that are read at a time. */
export interface EventPage {
  /** The number behind which it begins. */
  readonly after: number;
  /** The number of its last event. */
  readonly last: number;
  readonly bytes: number;
}

interface TakenRow {
  readonly route: string;
  readonly requestId: string;
  readonly ip: string;
  readonly headers: string;
  readonly body: Uint8Array;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly lastNumber: number;
  readonly eventBytes: number;
}

/** A response's object and how far it is, held until the transaction ends. */
export interface HeldResponse {
  readonly object: string;
  readonly keyId: string;
  readonly state: BackgroundState;
  /** Its call has gone out. */
  readonly isSent: boolean;
  readonly isDead: boolean;
  readonly lastNumber: number;
}

/**
 * The rows of responses that workers make. Whoever changes one takes the response's row before it (`hold`), so that no two
 * wait for each other. What a run writes names the run: one that has lost its response gets LostClaimError.
 */
@Injectable()
export class BackgroundRepository {
  /** How many of a key wait; the number holds until the transaction ends. */
  async queuedOf(tx: Transaction, { tenantId, keyId }: ResponseOwner): Promise<number> {
    await tx.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`background ${keyId}`}, 0))::text`;
    const [row] = await tx.$queryRaw<{ count: number }[]>`
      select count(*)::int as count from background_responses b join responses r on r.tenant_id = b.tenant_id and r.id = b.id
       where b.tenant_id = ${tenantId} and b.state = 'queued' and r.key_id = ${keyId}`;
    return row?.count ?? 0;
  }

  /** How many of the tenant have not ended. */
  async openOf(tx: Transaction, tenantId: string): Promise<number> {
    const [row] = await tx.$queryRaw<{ count: number }[]>`
      select count(*)::int as count from background_responses where tenant_id = ${tenantId} and state in ('queued', 'running')`;
    return row?.count ?? 0;
  }

  async insert(tx: Transaction, { tenantId, id }: ResponsePlace, call: QueuedCall): Promise<void> {
    const { route, requestId, ip, headers, body, repeatKey = null, events } = call;
    // The former one's time of repeats is over.
    if (repeatKey !== null)
      await tx.$executeRaw`update background_responses set repeat_key = null where tenant_id = ${tenantId} and repeat_key = ${repeatKey}`;
    await tx.$executeRaw`
      insert into background_responses (tenant_id, id, route, request_id, ip, headers, body, repeat_key)
      values (${tenantId}, ${id}, ${route}, ${requestId}, ${ip}, ${JSON.stringify(headers)}, ${body}, ${repeatKey})`;
    await this.store(tx, { tenantId, id }, events);
    await this.count(tx, { tenantId, id }, events);
  }

  /** The response that an interrupted request of the last 24 hours has made. */
  async repeated(tx: Transaction, { tenantId, keyId }: ResponseOwner, repeatKey: string): Promise<string | undefined> {
    const [row] = await tx.$queryRaw<{ id: string }[]>`
      select b.id from background_responses b join responses r on r.tenant_id = b.tenant_id and r.id = b.id
       where b.tenant_id = ${tenantId} and b.repeat_key = ${repeatKey} and r.key_id = ${keyId} and b.created_at > now() - interval '24 hours'`;
    return row?.id;
  }

  /** The state of a key's response; undefined for one that no worker makes. */
  async state(tx: Transaction, { tenantId, keyId }: ResponseOwner, id: string): Promise<BackgroundState | undefined> {
    const [row] = await tx.$queryRaw<{ state: BackgroundState }[]>`
      select b.state from background_responses b join responses r on r.tenant_id = b.tenant_id and r.id = b.id
       where b.tenant_id = ${tenantId} and b.id = ${id} and r.key_id = ${keyId} and r.expires_at > now()`;
    return row?.state;
  }

  /** Holds a response until the transaction ends; undefined when it is gone or no worker makes it. */
  async hold(tx: Transaction, { tenantId, id }: ResponsePlace): Promise<HeldResponse | undefined> {
    const [response] = await tx.$queryRaw<{ object: string; keyId: string }[]>`
      select object, key_id as "keyId" from responses where tenant_id = ${tenantId} and id = ${id} for no key update`;
    if (response === undefined) return undefined;
    const [row] = await tx.$queryRaw<Omit<HeldResponse, 'object' | 'keyId'>[]>`
      select state, sent_at is not null as "isSent", last_number as "lastNumber",
             coalesce(beat_at < now() - make_interval(secs => ${deadSeconds}), false) as "isDead"
        from background_responses where tenant_id = ${tenantId} and id = ${id} for no key update`;
    return row === undefined ? undefined : { ...response, ...row };
  }

  /** Takes a response that is held for a run. @param object as it is shown from now on. */
  async take(tx: Transaction, claim: Claim, keyId: string, object: string): Promise<ClaimedCall> {
    const { tenantId, id, owner } = claim;
    const [row] = await tx.$queryRaw<TakenRow[]>`
      update background_responses set state = 'running', owner = ${owner}, beat_at = now(), attempts = attempts + 1, updated_at = now()
       where tenant_id = ${tenantId} and id = ${id} and sent_at is null and state in ('queued', 'running')
      returning route, request_id as "requestId", ip, headers, body, attempts, created_at as "createdAt",
                last_number as "lastNumber", event_bytes as "eventBytes"`;
    if (row === undefined) throw new LostClaimError();
    await this.show(tx, claim, 'in_progress', object);
    const headers = JSON.parse(row.headers) as Record<string, string>;
    return { ...claim, ...row, keyId, object, headers, body: Buffer.from(row.body) };
  }

  /** Says that the call goes out: behind this nothing is sent again. @throws LostClaimError. */
  async markSent(tx: Transaction, claim: Claim): Promise<void> {
    const count = await tx.$executeRaw`
      update background_responses set sent_at = now(), beat_at = now(), updated_at = now()
       where tenant_id = ${claim.tenantId} and id = ${claim.id} and owner = ${claim.owner}`;
    if (count === 0) throw new LostClaimError();
  }

  /**
   * Lets go of a response whose call has not gone out: it waits again.
   * @param isAttempt false for a run in which nothing went wrong: it is not counted.
   */
  async giveBack(tx: Transaction, place: ResponsePlace, owner: string | undefined, isAttempt: boolean): Promise<void> {
    const { tenantId, id } = place;
    await tx.$executeRaw`
      update background_responses
         set state = 'queued', owner = null, beat_at = null, sent_at = null, enqueued_at = null, updated_at = now(),
             attempts = attempts - ${isAttempt ? 0 : 1}
       where tenant_id = ${tenantId} and id = ${id} and state = 'running' and (${owner ?? null}::text is null or owner = ${owner ?? null})`;
  }

  /** Stores events of a run. @throws LostClaimError. */
  async append(tx: Transaction, claim: Claim, events: readonly StoredEvent[]): Promise<void> {
    if ((await this.count(tx, claim, events, claim.owner)) === 0) throw new LostClaimError();
    await this.store(tx, claim, events);
  }

  /** Ends a response with its last events. @param owner the run that does so; undefined for whoever holds it. @throws LostClaimError. */
  async end(
    tx: Transaction,
    place: ResponsePlace,
    end: BackgroundEnd,
    events: readonly StoredEvent[],
    owner?: string,
  ): Promise<void> {
    if ((await this.count(tx, place, events, owner)) === 0) throw new LostClaimError();
    await this.store(tx, place, events);
    await tx.$executeRaw`
      update background_responses set state = ${end}, owner = null, beat_at = null, body = null, updated_at = now()
       where tenant_id = ${place.tenantId} and id = ${place.id}`;
  }

  /** What `GET` shows from now on. */
  async show(tx: Transaction, { tenantId, id }: ResponsePlace, status: string, object: string): Promise<void> {
    await tx.$executeRaw`
      update responses set status = ${status}, object = ${object} where tenant_id = ${tenantId} and id = ${id}`;
  }

  /** The page of events behind a number: as many as come to a mebibyte, or one that has more. Undefined when there is none. */
  async page(tx: Transaction, { tenantId, id }: ResponsePlace, after: number): Promise<EventPage | undefined> {
    const [row] = await tx.$queryRaw<{ last: number | null; bytes: bigint | null }[]>`
      select max(number) as last, sum(bytes) as bytes from
        (select sequence_number as number, octet_length(event) as bytes, row_number() over events as place,
                sum(octet_length(event)) over events as upto
           from (select sequence_number, event from response_events
                  where tenant_id = ${tenantId} and response_id = ${id} and sequence_number > ${after}
                  order by sequence_number limit 500) next
         window events as (order by sequence_number)) counted
       where place = 1 or upto <= ${pageBytes}`;
    if (row === undefined || row.last === null) return undefined;
    return { after, last: row.last, bytes: Number(row.bytes) };
  }

  /** The events of a page. */
  async events(tx: Transaction, { tenantId, id }: ResponsePlace, { after, last }: EventPage): Promise<StoredEvent[]> {
    return tx.$queryRaw<StoredEvent[]>`
      select sequence_number as number, type, event as json from response_events
       where tenant_id = ${tenantId} and response_id = ${id} and sequence_number > ${after} and sequence_number <= ${last}
       order by sequence_number`;
  }

  private async count(
    tx: Transaction,
    { tenantId, id }: ResponsePlace,
    events: readonly StoredEvent[],
    owner?: string,
  ): Promise<number> {
    const bytes = events.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
    const last = events.at(-1)?.number ?? -1;
    return tx.$executeRaw`
      update background_responses
         set last_number = greatest(last_number, ${last}), event_bytes = event_bytes + ${bytes}, updated_at = now()
       where tenant_id = ${tenantId} and id = ${id} and state in ('queued', 'running')
         and (${owner ?? null}::text is null or owner = ${owner ?? null})`;
  }

  private async store(tx: Transaction, { tenantId, id }: ResponsePlace, events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    const numbers = events.map(({ number }) => number);
    await tx.$executeRaw`
      insert into response_events (tenant_id, response_id, sequence_number, type, event)
      select ${tenantId}, ${id}, * from unnest(${numbers}::int[], ${events.map(({ type }) => type)}::text[], ${events.map(({ json }) => json)}::text[])
      on conflict (tenant_id, response_id, sequence_number) do nothing`;
  }
}
