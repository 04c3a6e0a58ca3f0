import { z } from 'zod';
import { expiresAfter, fileObject, filePurposes } from './files.js';
import { createdAt } from './times.js';

/** The largest part of an upload, in bytes: 64 MB, as with OpenAI. */
export const mostPartBytes = 64 * 1024 * 1024;

/** How many parts an upload has at most. */
export const mostParts = 10_000;

export const uploadStatuses = ['pending', 'completed', 'cancelled', 'expired'] as const;

export type UploadStatus = (typeof uploadStatuses)[number];

/** `POST /uploads`. */
export const createUploadRequest = z
  .strictObject({
    filename: z.string().min(1).max(1_024).describe('The name of the file.'),
    purpose: z.enum(filePurposes).describe('What the file is for.'),
    bytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).describe('How many bytes all parts have together.'),
    mime_type: z.string().min(1).max(255).describe('The media type of the file. What it is, its content decides.'),
    expires_after: expiresAfter.optional(),
  })
  .meta({ examples: [{ filename: 'notes.txt', purpose: 'user_data', bytes: 6, mime_type: 'text/plain' }] })
  .describe('A file that comes in parts.');

export type CreateUpload = z.infer<typeof createUploadRequest>;

/** The form of a part has its content in the field `data` and nothing else. */
export const uploadPartFields = z.strictObject({}).describe('No fields beside the part itself.');

/** `POST /uploads/{id}/complete`. */
export const completeUploadRequest = z
  .strictObject({
    part_ids: z.array(z.string().max(128)).min(1).max(mostParts).describe('The parts in the order of the file, each once.'),
    md5: z
      .string()
      .regex(/^[0-9A-Fa-f]{32}$/, 'must be 32 hexadecimal digits')
      .optional()
      .describe('The MD5 of the file, in hexadecimal digits: another content is refused.'),
  })
  .describe('What the file is made of.');

export type CompleteUpload = z.infer<typeof completeUploadRequest>;

/** An upload as OpenAI shows it. */
export const uploadObject = z
  .object({
    id: z.string(),
    object: z.literal('upload'),
    bytes: z.number().int().describe('As declared.'),
    created_at: createdAt,
    expires_at: z.number().int().describe('Until when parts are taken, in Unix seconds.'),
    filename: z.string(),
    purpose: z.string(),
    status: z.enum(uploadStatuses),
    file: fileObject.optional().describe('Of a completed upload: the file, as long as there is one.'),
  })
  .meta({ id: 'Upload', description: 'A file that comes in parts.' });

export type UploadObject = z.infer<typeof uploadObject>;

export const uploadPartObject = z
  .object({ id: z.string(), object: z.literal('upload.part'), created_at: createdAt, upload_id: z.string() })
  .describe('A part of an upload.');

export type UploadPartObject = z.infer<typeof uploadPartObject>;
