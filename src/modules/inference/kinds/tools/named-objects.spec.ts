import { describe, expect, it } from '@jest/globals';
import type { Fields } from '../../../../kernel/fields.js';
import { namesObjects, withoutNamingTools } from './named-objects.js';

const box: Fields = { type: 'code_interpreter', container: 'cntr_1' };
const search: Fields = { type: 'web_search' };
/** A tool in so many namespaces. */
const deep = (tool: Fields, depth: number): Fields => {
  let outer = tool;
  for (let level = 0; level < depth; level++) outer = { type: 'namespace', name: 'n', tools: [search, outer] };
  return outer;
};

describe('a tool that names objects', () => {
  it.each<[string, Fields]>([
    ['a container', box],
    ['a container by its id', { type: 'code_interpreter', container: { id: 'cntr_1' } }],
    ['a container to run in', { type: 'shell', environment: { type: 'container_reference', container_id: 'cntr_1' } }],
    ['files', { type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } }],
    ['skills', { type: 'shell', environment: { type: 'container_auto', skills: [{ name: 'own' }, { skill_id: 'skill_1' }] } }],
    ['vector stores', { type: 'file_search', vector_store_ids: ['vs_1'] }],
    ['a mask', { type: 'image_generation', input_image_mask: { file_id: 'file-1' } }],
  ])('is known by %s', (_what, tool) => {
    expect([namesObjects(tool), namesObjects(deep(tool, 3))]).toEqual([true, true]);
  });

  it.each<[string, Fields]>([
    ['a new container', { type: 'code_interpreter', container: { type: 'auto' } }],
    ['a skill in its own words', { type: 'shell', environment: { type: 'container_auto', skills: [{ name: 'own' }] } }],
    ['parameters', { type: 'function', name: 'f', parameters: { default: { container: 'cntr_1', skill_id: 'x' } } }],
  ])('is not known by %s', (_what, tool) => {
    expect(namesObjects(deep(tool, 3))).toBe(false);
  });

  it('is found however deep it stands', () => {
    expect(namesObjects(deep(box, 100_000))).toBe(true);
    expect(namesObjects(deep(search, 100_000))).toBe(false);
  });

  it('is not shown', () => {
    expect(withoutNamingTools({ id: 'resp_1', tools: [search, deep(box, 1), null] })).toEqual({
      id: 'resp_1',
      tools: [search, null],
    });
    const others = { tools: [search] };
    expect(withoutNamingTools(others)).toBe(others);
  });
});
