import { isFields, type Fields } from '../../../../kernel/fields.js';
import { innerTools } from './hosted-tools.js';

/** True for a tool that names files, containers, skills or vector stores, or that holds such a one. None of them is the platform's. */
export function namesObjects(tool: Fields): boolean {
  const waiting = [tool];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (namesItself(one)) return true;
    for (const inner of innerTools(one)) waiting.push(inner);
  }
  return false;
}

/**
 * What holds tools as it may be shown, without those that name objects: no client can have given them, so they are its agent's,
 * and mean something to the agent's provider alone.
 */
export function withoutNamingTools<T extends Fields>(holder: T): T {
  const { tools } = holder;
  const isNaming = (tool: unknown): boolean => isFields(tool) && namesObjects(tool);
  if (!Array.isArray(tools) || !(tools as unknown[]).some(isNaming)) return holder;
  return { ...holder, tools: (tools as unknown[]).filter((tool) => !isNaming(tool)) };
}

/** True for a tool that names an object otherwise than through a tool in it. */
function namesItself({ container, environment, vector_store_ids: stores, input_image_mask: mask }: Fields): boolean {
  if (isNamed(container) || namesAny(stores) || (isFields(mask) && isNamed(mask['file_id']))) return true;
  return [container, environment].some(namesInRoom);
}

/** What a tool says of where it runs: an existing container, or files and skills that a new one gets. */
function namesInRoom(room: unknown): boolean {
  if (!isFields(room)) return false;
  const { id, container_id: container, file_ids: files, skills } = room;
  if (isNamed(id) || isNamed(container) || namesAny(files)) return true;
  return Array.isArray(skills) && (skills as unknown[]).some((skill) => isFields(skill) && isNamed(skill['skill_id']));
}

function namesAny(ids: unknown): boolean {
  return Array.isArray(ids) && (ids as unknown[]).some(isNamed);
}

function isNamed(id: unknown): boolean {
  return typeof id === 'string' && id.trim() !== '';
}
