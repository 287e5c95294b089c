import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import express, { Router } from 'express';

/** Static files under names that hold their content's hash, so that a phone fetches each once. */
export type Assets = { readonly router: Router; address(name: string): string };

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Serves `public/` and the enhancement library at `/assets/<hash>/<name>`, and the icon at its plain name. */
export function createAssets(projectRoot: string): Assets {
  const folder = path.join(projectRoot, 'public');
  const files = new Map(readdirSync(folder).map((name) => [name, path.join(folder, name)]));
  files.set('htmx.js', path.join(projectRoot, 'node_modules/htmx.org/dist/htmx.min.js'));
  const addresses = new Map<string, string>();
  const router = Router();
  for (const [name, file] of files) {
    const content = readFileSync(file);
    const hash = createHash('sha256').update(content).digest('base64url').slice(0, 10);
    const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
    addresses.set(name, `/assets/${hash}/${name}`);
    router.get(`/assets/${hash}/${name}`, (_req, res) => {
      res.set({ 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' }).send(content);
    });
  }
  router.get('/icon.svg', express.static(folder, { maxAge: '1d', index: false }));
  return {
    router,
    address(name) {
      const address = addresses.get(name);
      if (address === undefined) throw new Error(`No asset is called ${name}.`);
      return address;
    },
  };
}
