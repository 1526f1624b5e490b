// Fails unless web/dist is what the sources give: builds anew and compares names and unpacked bytes (what gzip makes of
// the same bytes differs between versions of Node).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const fresh = mkdtempSync(join(tmpdir(), 'odordiff-web-'));
const run = (...command) => execFileSync(command[0], command.slice(1), { cwd: here, stdio: ['ignore', 'pipe', 'inherit'] });

function contents(folder) {
  const out = new Map();
  for (const entry of readdirSync(folder, { recursive: true }).sort()) {
    if (String(entry).endsWith('.gz')) out.set(String(entry), gunzipSync(readFileSync(join(folder, String(entry)))));
  }
  return out;
}

try {
  run('npx', 'tsc', '--noEmit');
  run('npx', 'vite', 'build', '--logLevel', 'warn');
  run('node', 'pack.mjs', fresh);
  const committed = contents(join(here, 'dist'));
  const built = contents(fresh);
  const differing = [...new Set([...committed.keys(), ...built.keys()])].filter(
    (name) => !committed.get(name)?.equals(built.get(name) ?? Buffer.alloc(0)),
  );
  if (differing.length > 0) {
    console.error(`web/dist is not what the sources give; run \`npm run build\` in web/. Differing:\n  ${differing.join('\n  ')}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
