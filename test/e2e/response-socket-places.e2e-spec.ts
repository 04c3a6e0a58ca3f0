import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { FilesBench } from '../support/files.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { openSocket, statusOfUpgrade, type SocketClient } from '../support/response-socket.js';
import { until } from '../support/until.js';

describeWithRedis('with Redis, the sockets of a key', () => {
  let redis: TestRedis;
  let bench: FilesBench;
  let other: TestApp;
  let settings: Readonly<Record<string, string>>;

  beforeAll(async () => {
    redis = await startRedis();
    settings = { REDIS_URL: redis.url, GT_SOCKETS_PER_KEY: '3', GT_SOCKET_PING_MS: '500' };
    bench = await FilesBench.start(settings);
    other = await startApp({ settings, databaseUrl: bench.platform.app.databaseUrl });
  });
  afterAll(async () => {
    await other.close();
    await bench.close();
    await redis.stop();
  });

  const newKey = async (): Promise<string> => (await bench.platform.factory.key(bench.platform.acme)).secret;
  const bases = (): readonly [string, string] => [bench.url, other.baseUrl];
  /** Every process refuses a further one. */
  const expectFull = async (secret: string): Promise<void> => {
    for (const base of bases()) expect(await statusOfUpgrade(base, secret)).toBe(429);
  };

  it('are counted over all processes, also where many come together', async () => {
    const secret = await newKey();
    const [here, there] = bases();
    const asked = await Promise.allSettled(Array.from({ length: 10 }, (_none, at) => openSocket(at % 2 ? here : there, secret)));
    const open = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(open).toHaveLength(3);
    await expectFull(secret);
    expect(await statusOfUpgrade(here, await newKey())).toBe(101);
    // They are counted for longer than a place lasts without being held on to.
    let pings = 0;
    open[0]?.raw.on('ping', () => (pings += 1));
    await until('pings have come', () => pings >= 5);
    await expectFull(secret);
    open[0]?.close();
    const again = await until('there is room in both', () => openSocket(there, secret));
    for (const socket of [...open, again]) socket.close();
  });

  it('that a killed process had are not counted for long', async () => {
    const secret = await newKey();
    const dying = await bench.api();
    for (let at = 0; at < 3; at += 1) await openSocket(`${dying.url}/api/tenant/v1`, secret);
    await expectFull(secret);
    await dying.kill();
    const socket = await until('there is room', () => openSocket(bench.url, secret));
    socket.close();
  });

  it('are counted by each process while Redis is away, and by all when it is back', async () => {
    const secret = await newKey();
    const open: SocketClient[] = [await openSocket(bench.url, secret), await openSocket(other.baseUrl, secret)];
    await redis.stop('SIGKILL');
    for (const base of bases()) for (let at = 0; at < 2; at += 1) open.push(await openSocket(base, secret));
    await expectFull(secret);
    await redis.start();
    for (const socket of open.splice(0, 2)) socket.close();
    await until('all are counted', async () => (await statusOfUpgrade(bench.url, secret)) === 429);
    for (const socket of open) socket.close();
    (await until('there is room', () => openSocket(other.baseUrl, secret))).close();
  });
});
