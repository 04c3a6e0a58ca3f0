import { describe, expect, it } from '@jest/globals';
import { failProduct } from '../support/product-process.js';

/** Nobody listens there: what is refused must be refused before anything is asked of a database. */
const database = { DATABASE_URL: 'postgresql://gt:gt@127.0.0.1:1/gt' };

describe.each(['main', 'worker'] as const)('a process that cannot work with its settings: %s', (program) => {
  it.each([
    ['yes', 'yes'],
    ['10.0.0.0', '10.0.0.0'],
    ['127.0.0.0/8, 10/8', '10/8'],
    ['localhost:99999', 'localhost:99999'],
  ])('ends with code 2 and one clear line: GT_ALLOW_PRIVATE_UPSTREAMS=%s', async (given, named) => {
    expect(await failProduct(program, { ...database, GT_ALLOW_PRIVATE_UPSTREAMS: given })).toEqual({
      code: 2,
      complaint: `gt: GT_ALLOW_PRIVATE_UPSTREAMS must be false, true, or a list of host:port or CIDR; "${named}" is neither.\n`,
    });
  });

  it('ends with code 2 and a line for each fault', async () => {
    const { code, complaint } = await failProduct(program, {
      ...database,
      GT_ALLOW_PRIVATE_UPSTREAMS: 'one,two',
    });
    expect([code, complaint.trim().split('\n')]).toEqual([
      2,
      [expect.stringContaining('"one" is neither.'), expect.stringContaining('"two" is neither.')],
    ]);
  });

  it('ends with code 1 when it cannot reach its database', async () => {
    expect((await failProduct(program, { ...database, GT_ALLOW_PRIVATE_UPSTREAMS: 'true' })).code).toBe(1);
  });
});
