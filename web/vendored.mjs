// Programs that come built and minified from their packages and are served as they are, each only where it is needed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('node_modules', import.meta.url));

function vendored(name, file, ending, edit = (text) => text) {
  const { version } = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'));
  // The version in the name stands for the content, so that browsers may keep the file for good.
  return { asset: `assets/${name}-${version}.${ending}`, read: () => edit(readFileSync(join(packages, name, file), 'utf8')) };
}

export const kVendored = {
  viewer3d: vendored('3dmol', 'build/3Dmol-min.js', 'js'),
  swagger: vendored('swagger-ui-dist', 'swagger-ui-bundle.js', 'js'),
  swaggerStyle: vendored('swagger-ui-dist', 'swagger-ui.css', 'css'),
  redoc: vendored('redoc', 'bundles/redoc.standalone.js', 'js', (text) =>
    // The one thing that it would fetch from elsewhere.
    text.replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', '/favicon.svg'),
  ),
};
