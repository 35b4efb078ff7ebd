// The page, as files that are read once and kept. Knows nothing of what they show.
import type { Files } from '../core/files.js';

export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** By their paths in an address, such as `/assets/index.js`. A path that is not here does not exist, whatever it says. */
export type Page = ReadonlyMap<string, PageFile>;

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
};

/** Reads every file of a folder and of those in it; none where the folder does not exist. */
export async function readPage(files: Files, folder: string): Promise<Page> {
  const page = new Map<string, PageFile>();
  const read = async (path: string): Promise<void> => {
    const info = await files.info(folder + path);
    if (info?.kind === 'folder')
      for (const name of await files.list(folder + path)) await read(`${path}/${name}`);
    if (info?.kind !== 'file') return;
    const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    page.set(path, { bytes: new Uint8Array(await files.readBytes(folder + path)), type });
  };
  await read('');
  return page;
}

/** Nothing from elsewhere, nothing inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sent with every response. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const unbuilt = `The page is not built. Build it with:

  npm run build

and start the server again. The API works without it; /openapi.json describes it.
`;

/** The file at a path; `undefined` where there is none. */
export function pageResponse(page: Page, path: string): Response | undefined {
  const file = page.get(path === '/' ? '/index.html' : path);
  if (file !== undefined) {
    // Names of assets change with what is in them.
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return new Response(file.bytes, {
      headers: { 'content-type': file.type, 'cache-control': cache },
    });
  }
  return path === '/'
    ? new Response(unbuilt, { headers: { 'content-type': 'text/plain; charset=utf-8' } })
    : undefined;
}
