import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Adoption } from './adoption.js';
import { endedRecord } from '../../../test/support/ended-record.js';
import { beginLine, beginText, endLine, type CallEnd, type CallStart } from './call-record.js';
import { InstanceFolder } from './instance-folder.js';
import { currentOwner, judgeOwner, type Owner } from './owner.js';
import { RecordKinds } from './record-kinds.js';

const start = (id: string): CallStart => ({
  id,
  tenantId: 't',
  keyId: 'k',
  requestId: 'r',
  route: 'x',
  endpoint: 'e',
  connectionId: 'c',
  model: 'm',
  stream: true,
  startedAtMs: 5,
});

const end: CallEnd = {
  status: 200,
  state: 'completed',
  source: 'upstream',
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 2,
  reasoningTokens: 0,
  totalTokens: 3,
  latencyMs: 4,
  firstTokenMs: 1,
};

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gt-adoption-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** The id of a process that has ended. */
const deadPid = spawnSync(process.execPath, ['--version']).pid;
const deadOwner = (): Owner => ({ ...currentOwner(), pid: deadPid });

async function leaveFolder(name: string, owner: Owner | undefined, lines = ''): Promise<void> {
  await mkdir(join(root, name));
  if (owner !== undefined) await writeFile(join(root, name, 'owner.json'), JSON.stringify(owner));
  await writeFile(join(root, name, '1.log'), lines);
}

function adopter(silenceMs?: number): { me: InstanceFolder; adoption: Adoption } {
  const me = InstanceFolder.create(root);
  return {
    me,
    adoption: new Adoption({
      root,
      me: () => me.name,
      kinds: new RecordKinds(),
      ...(silenceMs === undefined ? {} : { silenceMs }),
    }),
  };
}

const names = async (adoption: Adoption) => (await adoption.claimAbandoned()).map((folder) => folder.name).sort();

describe('an owner', () => {
  it('lives while its process does', () => {
    expect(judgeOwner(currentOwner(), currentOwner())).toBe('alive');
  });

  it('is dead when its process is gone, when another has its id, or when the machine was started again', () => {
    expect(judgeOwner(deadOwner(), currentOwner())).toBe('dead');
    expect(judgeOwner({ ...currentOwner(), startTicks: '1' }, currentOwner())).toBe('dead');
    expect(judgeOwner({ ...currentOwner(), bootId: 'another' }, currentOwner())).toBe('dead');
  });

  it('is judged by its heartbeat alone when it runs on another machine or in another container', () => {
    expect(judgeOwner({ ...deadOwner(), host: 'elsewhere' }, currentOwner())).toBe('unknown');
    expect(judgeOwner({ ...deadOwner(), pidNamespace: 'pid:[1]' }, currentOwner())).toBe('unknown');
  });
});

describe('Adoption', () => {
  it('takes the folders of dead owners and those given up, and leaves those of the living', async () => {
    const { adoption } = adopter();
    InstanceFolder.create(root);
    await leaveFolder('dead', deadOwner());
    await leaveFolder('given-up', undefined);
    expect(await names(adoption)).toEqual(['dead', 'given-up']);
  });

  it('gives each folder to one of many adopters, however they race', async () => {
    const ids = Array.from({ length: 20 }, (_, place) => `dead-${place}`).sort();
    for (const id of ids) await leaveFolder(id, deadOwner());
    const claimed = await Promise.all(Array.from({ length: 5 }, () => names(adopter().adoption)));
    expect(claimed.flat().sort()).toEqual(ids);
  });

  it('takes over from an adopter that died, and not from one that lives', async () => {
    const first = adopter();
    const second = adopter();
    await leaveFolder('dead', deadOwner());
    expect(await names(first.adoption)).toEqual(['dead']);
    expect(await names(second.adoption)).toEqual([]);
    await first.me.remove();
    expect(await names(second.adoption)).toEqual(['dead']);
    expect(await names(second.adoption)).toEqual(['dead']);
    for (const folder of await second.adoption.claimAbandoned()) await folder.remove();
    expect(await readdir(root)).toEqual([second.me.name]);
  });

  it('takes the folder of an owner elsewhere only when its heartbeat has stood still long enough', async () => {
    const silenceMs = 80;
    const { adoption } = adopter(silenceMs);
    await leaveFolder('elsewhere', { ...currentOwner(), host: 'elsewhere' });
    const file = join(root, 'elsewhere', 'owner.json');
    let lastBeat = 0;
    for (let beat = 1; beat <= 4; beat += 1) {
      lastBeat = performance.now();
      await utimes(file, beat, beat);
      expect(await names(adoption)).toEqual([]);
    }
    while ((await names(adoption)).length === 0) await wait(5);
    expect(performance.now() - lastBeat).toBeGreaterThanOrEqual(silenceMs);
  });

  it('reads ended calls as they ended, open ones as interrupted, leaves out torn lines and tells those that it cannot read', async () => {
    const ended = endedRecord(beginText(start('ended')), end);
    const endOf = (id: string) => endLine(beginText(start(id)), end);
    await leaveFolder(
      'dead',
      deadOwner(),
      [beginLine(beginText(start('open'))), beginLine(beginText(start('ended'))), 'B["damaged"]\n', '\0\0\0\n'].join(''),
    );
    await writeFile(join(root, 'dead', '10.log'), endOf('ended') + endOf('late').slice(0, -1));
    await writeFile(join(root, 'dead', '2.log'), `R["later",1,"x"]\n+[2,3]\n${beginLine(beginText(start('late')))}`);
    await writeFile(join(root, 'dead', 'a-file-of-another-build'), 'x');
    const [folder] = await adopter().adoption.claimAbandoned();
    const texts: string[] = [];
    const unreadable: string[] = [];
    for await (const { records, unread } of folder?.records() ?? []) {
      texts.push(...records.map(({ text }) => text));
      unreadable.push(...unread);
    }
    expect(texts[0]).toBe(ended);
    expect(
      texts.slice(1).map((record) => (JSON.parse(record) as unknown[]).filter((_, place) => place === 0 || place === 11)),
    ).toEqual([
      ['open', 'interrupted'],
      ['late', 'interrupted'],
    ]);
    expect(unreadable).toEqual(['B["damaged"]', '\0\0\0', 'R["later",1,"x"]', '+[2,3]']);
    expect(await folder?.strangers()).toEqual(['a-file-of-another-build']);
  });
});
