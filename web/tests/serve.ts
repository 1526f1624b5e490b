// Starts the server under test on a free port of loopback, and stops it by its process id.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default async function serve(): Promise<() => Promise<void>> {
  const program = process.env.ODORDIFF_PROGRAM;
  if (!program) throw new Error('ODORDIFF_PROGRAM must name the odordiff to test');
  const folder = mkdtempSync(join(tmpdir(), 'odordiff-studio-'));
  const options = ['--port', '0', '--log-level', 'error', '--jobs-db', join(folder, 'jobs.db')];
  const child = spawn(program, ['serve', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const found = /ready on (http\S+)/.exec(said);
      if (found) resolve(found[1]!);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`odordiff serve ended with ${code}: ${said}`)));
  });
  process.env.STUDIO_URL = url;
  return () =>
    new Promise<void>((resolve) => {
      child.removeAllListeners('exit');
      child.on('exit', () => {
        rmSync(folder, { recursive: true });
        resolve();
      });
      child.kill('SIGTERM');
    });
}
