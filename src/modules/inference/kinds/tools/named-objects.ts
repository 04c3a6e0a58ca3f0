import { isFields, type Fields } from '../../../../kernel/fields.js';

/** True for a tool that names files, containers or vector stores, or that holds such a one. None of them is the platform's. */
export function namesObjects(tool: Fields): boolean {
  const { container, environment, vector_store_ids: stores, input_image_mask: mask, tools } = tool;
  if (isNamed(container) || namesAny(stores) || (isFields(mask) && isNamed(mask['file_id']))) return true;
  if ([container, environment].some(namesInRoom)) return true;
  return Array.isArray(tools) && (tools as unknown[]).some((inner) => isFields(inner) && namesObjects(inner));
}

/** What a tool says of where it runs: an existing container, or files that a new one gets. */
function namesInRoom(room: unknown): boolean {
  return isFields(room) && (isNamed(room['id']) || isNamed(room['container_id']) || namesAny(room['file_ids']));
}

function namesAny(ids: unknown): boolean {
  return Array.isArray(ids) && (ids as unknown[]).some(isNamed);
}

function isNamed(id: unknown): boolean {
  return typeof id === 'string' && id.trim() !== '';
}
