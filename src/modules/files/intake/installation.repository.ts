import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';

/** What this platform is called in its bucket, and which database says so. */
export interface Installation {
  /** `ins_…`; a copy of the database has the same. */
  readonly id: string;
  /** Server and database: a copy that was restored elsewhere has another one. */
  readonly database: string;
}

const installation = `
  select i.id, concat_ws('/', case when has_function_privilege('pg_control_system()', 'execute')
                                   then (select system_identifier::text from pg_control_system()) end,
                         d.oid::text, d.datname) as database
    from installation i, pg_database d where d.datname = current_database()`;

/** The one row that names the platform. */
@Injectable()
export class InstallationRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async read(): Promise<Installation> {
    const { rows } = await this.database.runSql((client) => client.query<Installation>(installation));
    if (rows[0] === undefined) throw new Error('The table installation is empty. Restore its row from a backup.');
    return rows[0];
  }
}
