import type { MulterError } from 'multer';
import { AppError } from '../../kernel/app-error.js';
import { fileTooLarge, type MultipartLimits } from './multipart-headers.js';

/** Whatever ended the reading of a form, as the error to answer with. */
export async function toUploadError(thrown: unknown, limits: MultipartLimits, fileField: string): Promise<AppError> {
  if (thrown instanceof AppError) return thrown;
  const multer = await import('multer');
  if (thrown instanceof multer.MulterError) return new AppError(...multerAnswer(thrown, limits, fileField));
  return new AppError('invalid_request', { message: 'The multipart body is broken or ended early.', cause: thrown });
}

type Answer = ConstructorParameters<typeof AppError>;

function multerAnswer(error: MulterError, limits: MultipartLimits, fileField: string): Answer {
  const { code, field = null } = error;
  if (code === 'LIMIT_FILE_SIZE')
    return ['payload_too_large', { param: fileField, message: fileTooLarge(limits.maxFileBytes).message }];
  if (code === 'LIMIT_FIELD_VALUE') {
    return [
      'payload_too_large',
      { param: field, message: `The value of this field is larger than the ${limits.maxFieldBytes} bytes that are allowed.` },
    ];
  }
  if (code === 'LIMIT_UNEXPECTED_FILE') {
    if (field === fileField)
      return [
        'invalid_value',
        { param: fileField, message: `Send exactly one file in the field '${fileField}'; there is more than one.` },
      ];
    return ['invalid_value', { param: field, message: `Only the field '${fileField}' may hold a file.` }];
  }
  if (code === 'LIMIT_FIELD_COUNT' || code === 'LIMIT_PART_COUNT') {
    return ['invalid_request', { message: `The form has more than the ${limits.maxFields} fields that are allowed.` }];
  }
  return ['invalid_request', { message: 'The form has a field without a usable name.', cause: error }];
}
