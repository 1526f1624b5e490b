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

// What the pages are made of comes with its licences.
function licences() {
  const lock = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const shipped = [...Object.keys(lock.dependencies), '3dmol', 'swagger-ui-dist', 'redoc'];
  return shipped
    .map((name) => {
      const folder = join(here, 'node_modules', name);
      const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const texts = readdirSync(folder)
        .filter((file) => /^(licen[cs]e|notice)(\.|$)/i.test(file))
        .map((file) => readFileSync(join(folder, file), 'utf8').trim());
      return `${name} ${about.version} (${about.license})\n\n${texts.join('\n\n')}\n`;
    })
    .join(`\n${'='.repeat(78)}\n\n`);
}

rmSync(to, { recursive: true, force: true });
const write = (name, bytes) => {
  const path = join(to, `${name}.gz`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, gzipSync(bytes, { level: 9 }));
};
for (const path of filesIn(from)) write(relative(from, path), readFileSync(path));
for (const { asset, read } of Object.values(kVendored)) write(asset, Buffer.from(read()));
write('licences.txt', Buffer.from(licences()));
