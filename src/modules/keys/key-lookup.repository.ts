import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { selectKeyRecords, selectSecretRecord, type KeyRecord } from './key-record.js';

/** Finds whose key a secret is. Runs for the platform: which tenant it is, is what the look-up finds. */
@Injectable()
export class KeyLookupRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** The record behind a secret's hash. */
  async findByHash(hash: string): Promise<KeyRecord | undefined> {
    return this.first('s.hash = $1', [hash]);
  }

  /** The record behind a secret's id; undefined when the secret, or its key, was taken away. */
  async findBySecretId(tenantId: string, secretId: string): Promise<KeyRecord | undefined> {
    return this.first('s.tenant_id = $1 and s.id = $2', [tenantId, secretId]);
  }

  /** The record of a key by itself. */
  async findById(tenantId: string, keyId: string): Promise<KeyRecord | undefined> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<KeyRecord>(`${selectKeyRecords} where k.tenant_id = $1 and k.id = $2`, [
        tenantId,
        keyId,
      ]);
      return rows[0];
    });
  }

  private async first(condition: string, values: readonly string[]): Promise<KeyRecord | undefined> {
    return this.database.runSql(async (client) => {
      // Who tries keys has many that nobody has: they are told from others before the larger query is planned.
      const known = await client.query(`select 1 from key_secrets s where ${condition}`, [...values]);
      if (known.rowCount === 0) return undefined;
      const { rows } = await client.query<KeyRecord>(`${selectSecretRecord} where ${condition}`, [...values]);
      return rows[0];
    });
  }
}
