// Files that come from packages and are served as they are, each only where it is needed.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const folderOf = (name) => join(here, 'node_modules', name);
const about = (name) => JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8'));

// A digest in the name stands for the content, so that browsers may keep the file for good.
function asset(name, ending, text) {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { asset: `assets/${name}-${digest}.${ending}`, text };
}

const built = (name, file, ending, edit = (text) => text) =>
  asset(name, ending, edit(readFileSync(join(folderOf(name), file), 'utf8')));

// What the pages are made of comes with its licences.
function licences() {
  const direct = Object.keys(JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies);
  return [...direct, '3dmol', 'swagger-ui-dist', 'redoc']
    .map((name) => {
      const texts = readdirSync(folderOf(name))
        .filter((file) => /^(licen[cs]e|notice)(\.|$)/i.test(file))
        .sort()
        .map((file) => readFileSync(join(folderOf(name), file), 'utf8').trim());
      const { version, license } = about(name);
      return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
    })
    .join(`\n${'='.repeat(78)}\n\n`);
}

export const kVendored = {
  viewer3d: built('3dmol', 'build/3Dmol-min.js', 'js'),
  swagger: built('swagger-ui-dist', 'swagger-ui-bundle.js', 'js'),
  swaggerStyle: built('swagger-ui-dist', 'swagger-ui.css', 'css'),
  redoc: built('redoc', 'bundles/redoc.standalone.js', 'js', (text) =>
    // The one thing that it would fetch from elsewhere.
    text.replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', '/favicon.svg'),
  ),
  licences: asset('licences', 'txt', licences()),
};
