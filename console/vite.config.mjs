import tailwind from '@tailwindcss/vite';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { facts } from './facts.mjs';

/** Each package of radix-ui brings a copy of its own of these, all of one version: the pages need one of each. */
const fromRadix = createRequire(createRequire(import.meta.url).resolve('radix-ui'));
const shared = [
  'primitive',
  'react-compose-refs',
  'react-primitive',
  'react-slot',
  'react-use-controllable-state',
  'react-use-effect-event',
  'react-use-layout-effect',
];
const alias = shared.map((name) => ({
  find: new RegExp(`^@radix-ui/${name}$`),
  replacement: fromRadix.resolve(`@radix-ui/${name}`).replace(/\.js$/, '.mjs'),
}));

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Built into `dist/console`, which the API process serves below `/console/`. Nothing is inlined: the policy of the page allows no inline script. */
export default defineConfig({
  root: here('.'),
  base: '/console/',
  resolve: { alias },
  plugins: [tailwind(), facts()],
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: here('../dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      // Marks for frameworks that render on a server.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
});
