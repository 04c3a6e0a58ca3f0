import { afterEach, describe, expect, it } from '@jest/globals';
import type { AppError } from '../../src/kernel/app-error.js';
import { ShareBudget } from '../../src/kernel/share-budget.js';
import { FetchedParts, type PartSources } from '../../src/modules/inference/exchange/fetched-parts.js';
import { HeldReply } from '../../src/modules/inference/exchange/held-reply.js';
import { AddressFetcher } from '../../src/platform/upstream/address-fetcher.js';
import type { EgressClient } from '../../src/platform/upstream/egress-client.js';
import { until } from '../support/egress.js';
import { contents, startPictureServer, type PictureServer } from '../support/picture-server.js';

const kilobyte = 1024;
const beginning = Buffer.concat([contents['image/png'], Buffer.alloc(400 * kilobyte)]);

let server: PictureServer;
let parts: FetchedParts;
afterEach(async () => {
  parts.cancel();
  await server.close();
});

/** Fetches an image that never comes to its end, from the web or from the provider itself. */
async function begin(from: 'web' | 'provider', budget: ShareBudget) {
  server = await startPictureServer((_request, response) => response.writeHead(200).write(beginning));
  const address = server.at('/long.png');
  const origin = from === 'provider' ? new URL(address).origin : 'https://provider.example.com';
  const own = { client: server.client as EgressClient, origin, way: undefined };
  const by: PartSources = { own, others: new AddressFetcher(server.client) };
  const held = new HeldReply(budget, 'ten_a');
  const failures: AppError[] = [];
  parts = new FetchedParts(by, [address], held, 100 * 1024 * kilobyte, {
    onFetched: () => undefined,
    onFailed: (error) => failures.push(error),
  });
  parts.start();
  return { held, failures };
}

describe.each(['web', 'provider'] as const)('an image that is fetched from the %s', (from) => {
  it('counts as memory of its tenant while it comes', async () => {
    const budget = new ShareBudget(3 * 1024 * kilobyte);
    const { held } = await begin(from, budget);
    await until(() => budget.heldBytes >= beginning.length);
    held.giveBack();
    expect(budget.heldBytes).toBe(0);
  });

  it('is given up where its tenant holds too much', async () => {
    const { failures } = await begin(from, new ShareBudget(300 * kilobyte));
    await until(() => failures.length > 0);
    expect(failures.map(({ code }) => code)).toEqual(['overloaded']);
  });
});
