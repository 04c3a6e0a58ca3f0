import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataFolder } from './data-folder.js';
import { changeState, databaseMark, loadSecrets, loadState } from './local-state.js';

describe('the data folder', () => {
  let parent: string;
  let folder: DataFolder;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'gt-folder-'));
    folder = new DataFolder(join(parent, 'data'));
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it('is private, and so is every file in it', () => {
    loadSecrets(folder);
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    expect(statSync(folder.file('secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('keeps the secrets that it made once', () => {
    const first = loadSecrets(folder);
    expect(first.secret_keys).toMatch(/^local:[A-Za-z0-9+/]{43}=$/);
    expect(loadSecrets(folder)).toEqual(first);
    expect(loadSecrets(new DataFolder(join(parent, 'other'))).secret_keys).not.toBe(first.secret_keys);
  });

  it('never replaces a damaged file of secrets', () => {
    writeFileSync(folder.file('secrets.json'), '{"secret_keys":');
    expect(() => loadSecrets(folder)).toThrow(/secrets\.json is damaged/);
    expect(readFileSync(folder.file('secrets.json'), 'utf8')).toBe('{"secret_keys":');
  });

  it('changes one remembered fact without losing the others', () => {
    expect(loadState(folder)).toEqual({ seeded: [] });
    changeState(folder, { sandbox_port: 4120 });
    changeState(folder, { seeded: ['embedded'] });
    expect(loadState(folder)).toEqual({ sandbox_port: 4120, seeded: ['embedded'] });
  });

  it('creates a file for one of two alone, and leaves no parts behind', () => {
    expect(folder.createJson('lock.json', { by: 1 })).toBe(true);
    expect(folder.createJson('lock.json', { by: 2 })).toBe(false);
    expect(JSON.parse(readFileSync(folder.file('lock.json'), 'utf8'))).toEqual({ by: 1 });
    expect(readdirSync(folder.path).sort()).toEqual(['lock.json', 'logs']);
  });

  it('cannot be made where a file stands, and says which setting to change', () => {
    writeFileSync(join(parent, 'taken'), '');
    expect(() => new DataFolder(join(parent, 'taken'))).toThrow(/taken \(GT_DATA_DIR\)/);
  });
});

describe('the mark of a database', () => {
  it('tells servers and databases apart and holds no password', () => {
    expect(databaseMark(undefined)).toBe('embedded');
    expect(databaseMark('postgresql://gt:geheim@db.example:6000/gt?sslmode=require')).toBe('db.example:6000/gt');
    expect(databaseMark('postgresql://gt:geheim@db.example/other')).toBe('db.example:5432/other');
  });
});
