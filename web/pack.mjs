// Compresses web/build into web/dist. Only the compressed form is kept: it is what the server sends, and the few clients
// that do not take gzip have it unpacked for them. Run by `npm run build`.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { kVendored } from './vendored.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const from = join(here, 'build');
const to = process.argv[2] ?? join(here, 'dist');

function filesIn(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesIn(path) : [path];
    });
}

rmSync(to, { recursive: true, force: true });
const write = (name, bytes) => {
  const path = join(to, `${name}.gz`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, gzipSync(bytes, { level: 9 }));
};
for (const path of filesIn(from)) write(relative(from, path), readFileSync(path));
for (const { asset, text } of Object.values(kVendored)) write(asset, Buffer.from(text));
