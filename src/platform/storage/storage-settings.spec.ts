import { describe, expect, it } from '@jest/globals';
import { storageOptions } from './storage-settings.js';

const base = { GT_DATA_DIR: '/data', GT_STORAGE: 's3', GT_S3_REGION: 'us-east-1', GT_S3_FORCE_PATH_STYLE: true } as const;

describe('storageOptions', () => {
  it('keeps files below the data folder unless S3 is chosen', () => {
    expect(storageOptions({ ...base, GT_STORAGE: 'local' })).toEqual({ driver: 'local', options: { root: '/data/files' } });
  });

  it('leaves the keys to the machine when none are set', () => {
    expect(storageOptions({ ...base, GT_S3_BUCKET: 'b' })).toMatchObject({
      driver: 's3',
      options: { bucket: 'b', credentials: undefined, forcePathStyle: true },
    });
  });

  it.each([
    [{}, 'GT_S3_BUCKET'],
    [{ GT_S3_BUCKET: 'b', GT_S3_ACCESS_KEY_ID: 'k' }, 'GT_S3_SECRET_ACCESS_KEY'],
    [{ GT_S3_BUCKET: 'b', GT_S3_SECRET_ACCESS_KEY: 's' }, 'GT_S3_ACCESS_KEY_ID'],
  ])('names what is missing from %j', (given, name) => {
    expect(() => storageOptions({ ...base, ...given })).toThrow(name);
  });
});
