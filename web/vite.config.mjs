// Builds the pages into web/build; web/pack.mjs then compresses them into web/dist, which is committed.
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { kVendored } from './vendored.mjs';

const page = (name) => resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, name);

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  define: Object.fromEntries(Object.entries(kVendored).map(([name, { asset }]) => [`vendored.${name}`, JSON.stringify(`/${asset}`)])),
  build: {
    outDir: 'build',
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: {
        index: page('index.html'),
        molecule: page('molecule.html'),
        docs: page('docs.html'),
        redoc: page('redoc.html'),
      },
    },
  },
  server: {
    // `npx vite` for working on the pages, with `odordiff serve` behind them.
    proxy: Object.fromEntries(
      ['/v1', '/generate', '/design', '/stats', '/metrics', '/health', '/openapi.json', '/jobs'].map((path) => [
        path,
        process.env.ODORDIFF_URL ?? 'http://127.0.0.1:8000',
      ]),
    ),
  },
});
