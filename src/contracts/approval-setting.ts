import { z } from 'zod';

/** Routes whose calls are held until somebody approves them. Which there are says the route table. */
export const approvalSetting = z.array(z.string().min(1).max(128)).max(200);

/** What the setting means, for keys and for tenants. */
export const approvalWords =
  'Routes whose calls are held until an owner or manager approves them, by id (`chat.completions.create`) or by method and path, or * for all that execute or change something.';
