import { join } from 'node:path';
import type { LocalObjectStoreOptions } from './local-object-store.js';
import type { S3ObjectStoreOptions } from './s3-object-store.js';

/** The settings that choose and feed a driver, as config/env.schema.ts reads them. */
export interface StorageSettings {
  readonly GT_DATA_DIR: string;
  readonly GT_STORAGE: 'local' | 's3';
  readonly GT_S3_ENDPOINT?: string | undefined;
  readonly GT_S3_BUCKET?: string | undefined;
  readonly GT_S3_REGION: string;
  readonly GT_S3_ACCESS_KEY_ID?: string | undefined;
  readonly GT_S3_SECRET_ACCESS_KEY?: string | undefined;
  readonly GT_S3_FORCE_PATH_STYLE: boolean;
}

export type StorageOptions =
  | { readonly driver: 'local'; readonly options: LocalObjectStoreOptions }
  | { readonly driver: 's3'; readonly options: S3ObjectStoreOptions };

/**
 * The driver that the settings name, with its options.
 * @throws Error that names the missing setting, when S3 is chosen without a bucket or with half a pair of keys.
 */
export function storageOptions(settings: StorageSettings): StorageOptions {
  if (settings.GT_STORAGE === 'local') return { driver: 'local', options: { root: join(settings.GT_DATA_DIR, 'files') } };
  const { GT_S3_BUCKET: bucket, GT_S3_ACCESS_KEY_ID: accessKeyId, GT_S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  if (bucket === undefined) throw new Error('GT_S3_BUCKET is required when GT_STORAGE is s3.');
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new Error('GT_S3_ACCESS_KEY_ID and GT_S3_SECRET_ACCESS_KEY belong together: set both or neither.');
  }
  return {
    driver: 's3',
    options: {
      endpoint: settings.GT_S3_ENDPOINT,
      region: settings.GT_S3_REGION,
      bucket,
      credentials: accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey },
      forcePathStyle: settings.GT_S3_FORCE_PATH_STYLE,
      incoming: join(settings.GT_DATA_DIR, 'incoming'),
    },
  };
}
