import { z } from 'zod';
import { fileObject } from '../../contracts/files.js';

/** The data of the events of `GET /files/{id}/events`. */
export const fileEvent = z
  .union([
    fileObject,
    z.object({ id: z.string(), object: z.literal('file'), deleted: z.literal(true) }).describe('The file is gone.'),
  ])
  .describe(
    'The file as it is then. Events are named: file.progress at each change, and at the end file.ready, file.failed or file.deleted.',
  );
