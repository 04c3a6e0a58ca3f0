import type { Config } from '../../config/load-config.js';
import type { MultipartLimits } from './multipart-headers.js';

/** What the form of an upload may hold, on every upload route of the data plane: its headers and its body are judged by it. */
export function uploadBounds(config: Pick<Config, 'GT_MAX_FILE_BYTES'>): MultipartLimits {
  return { maxFileBytes: config.GT_MAX_FILE_BYTES, maxFields: 8, maxFieldBytes: 1024 };
}
