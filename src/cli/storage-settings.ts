import { z } from 'zod';
import { envSchema } from '../config/env.schema.js';

const { shape } = envSchema;

/** What of the settings says where files live, for commands that need no other. Fails by the name of the setting. */
export const storageSettings = z.object({
  GT_DATA_DIR: shape.GT_DATA_DIR,
  GT_STORAGE: shape.GT_STORAGE,
  GT_S3_ENDPOINT: shape.GT_S3_ENDPOINT,
  GT_S3_BUCKET: shape.GT_S3_BUCKET,
  GT_S3_REGION: shape.GT_S3_REGION,
  GT_S3_ACCESS_KEY_ID: shape.GT_S3_ACCESS_KEY_ID,
  GT_S3_SECRET_ACCESS_KEY: shape.GT_S3_SECRET_ACCESS_KEY,
  GT_S3_FORCE_PATH_STYLE: shape.GT_S3_FORCE_PATH_STYLE,
});
