import { setTimeout as wait } from 'node:timers/promises';
import { examine, type Examination } from './doctor.js';
import { fieldProxy, type FieldProxy, type ProxyFaults } from './field-proxy.js';
import type { TestCertificate } from './certificate.js';
import { startPlatform, type KeyOptions, type SeededKey, type TestPlatform } from './platform.js';
import { chunkEvent, openStream, publishOn, startScriptedProvider, type ScriptedProvider } from './scripted-provider.js';

const pieces = 16;
const paceMs = 120;

/** A platform with a model `slow`, whose answers take two seconds, for `gt doctor` to look at. */
export interface DoctorBench {
  readonly platform: TestPlatform;
  /** Of the preset openai-chat-client, for every name. */
  readonly key: SeededKey;
  newKey(options?: KeyOptions): Promise<SeededKey>;
  /** Examines a base URL with the bench's key. */
  at(baseUrl: string, ...args: string[]): Promise<Examination>;
  /** Examines the platform behind a proxy with these faults. */
  behind(faults: ProxyFaults, ...args: string[]): Promise<Examination>;
  proxy(faults?: ProxyFaults, certificate?: TestCertificate): Promise<FieldProxy>;
  close(): Promise<void>;
}

export async function startDoctorBench(settings: Readonly<Record<string, string>> = {}): Promise<DoctorBench> {
  const platform = await startPlatform({ settings: { GT_MAX_JSON_BYTES: '1048576', ...settings } });
  const slow = await startSlowProvider();
  await publishOn(platform, slow.url, 'slow');
  const newKey = (options: KeyOptions = { preset: 'openai-chat-client' }) => platform.factory.key(platform.acme, options);
  const key = await newKey();
  const proxies: FieldProxy[] = [];
  const proxy = async (faults: ProxyFaults = {}, certificate?: TestCertificate): Promise<FieldProxy> => {
    const made = await fieldProxy(platform.app.url, faults, certificate);
    proxies.push(made);
    return made;
  };
  const at = (baseUrl: string, ...args: string[]) =>
    examine(['--base-url', baseUrl, ...(args.includes('--key') ? [] : ['--key', key.secret]), ...args]);
  return {
    platform,
    key,
    newKey,
    at,
    proxy,
    behind: async (faults, ...args) => at(`${(await proxy(faults)).url}/api/tenant/v1`, ...args),
    close: async () => {
      await Promise.all(proxies.map((one) => one.close()));
      await slow.close();
      await platform.close();
    },
  };
}

function startSlowProvider(): Promise<ScriptedProvider> {
  return startScriptedProvider(async (response) => {
    openStream(response);
    for (let at = 0; at < pieces && !response.destroyed; at += 1) {
      response.write(chunkEvent({ content: `${at} ` }));
      await wait(paceMs);
    }
    response.end(`${chunkEvent({}, 'stop')}data: [DONE]\n\n`);
  });
}
