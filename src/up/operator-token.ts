import { createOperatorToken } from '../modules/members/bootstrap.js';
import { AdminCallError } from '../contracts/admin-call.js';
import { AdminClient } from './admin-client.js';
import type { DataFolder } from './data-folder.js';
import { saveSecrets, type Secrets } from './local-state.js';

/**
 * The operator's token of this data folder: the one kept in `secrets.json` when this database knows it, else a new one
 * that is kept there before it is used.
 */
export async function ensureOperatorToken(
  folder: DataFolder,
  secrets: Secrets,
  databaseUrl: string,
  adminUrl: string,
): Promise<string> {
  if (secrets.admin_token !== undefined && (await isAccepted(adminUrl, secrets.admin_token))) return secrets.admin_token;
  const token = await createOperatorToken(databaseUrl, 'npm run up');
  saveSecrets(folder, { ...secrets, admin_token: token });
  return token;
}

async function isAccepted(adminUrl: string, token: string): Promise<boolean> {
  try {
    await new AdminClient(adminUrl, token).find('tenants', {});
    return true;
  } catch (error) {
    if (error instanceof AdminCallError && (error.status === 401 || error.status === 403)) return false;
    throw error;
  }
}
