import { credentialHash, newCredential } from '../../kernel/credentials.js';
import { newId } from '../../kernel/ids.js';
import { ConnectionPool } from '../../platform/database/connection-pool.js';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/**
 * Makes an operator's token straight in the database: the first one of a platform cannot come over the admin plane.
 * Answers the secret, which is shown this once.
 */
export async function createOperatorToken(databaseUrl: string, name: string): Promise<string> {
  const secret = newCredential('gtad_');
  const id = newId('adminToken');
  const connections = new ConnectionPool({ DATABASE_URL: databaseUrl, GT_DATABASE_POOL: 2 });
  try {
    await new PlatformDatabase(connections).run(async (transaction) => {
      await transaction.operatorToken.create({ data: { id, name, hash: credentialHash(secret), lastFour: secret.slice(-4) } });
      await transaction.operatorAudit.create({
        data: {
          id: newId('audit'),
          actor: 'command line',
          action: 'create',
          kind: 'operator_token',
          objectId: id,
          requestId: '',
          changes: { name },
        },
      });
    });
    return secret;
  } finally {
    await connections.close();
  }
}
