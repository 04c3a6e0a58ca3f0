import { defineConfig } from 'prisma/config';

// `generate`, `validate` and `format` need no schema engine. Naming any existing program here keeps the
// Prisma CLI from downloading one; a setting from outside still wins.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: 'schema.prisma',
  migrations: { path: 'migrations' },
});
