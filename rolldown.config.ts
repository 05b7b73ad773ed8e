import { relative } from 'node:path';
import { defineConfig, type OutputAsset, type OutputChunk } from 'rolldown';

const DIST = `${import.meta.dirname}/dist`;

/** They open files of their own beside them (a library, the script of a worker thread, a page), or few servers need them. */
const EXTERNAL = /^(pg|@aws-sdk\/client-s3|koffi|piscina|swagger-ui-dist|onnxruntime-node)\b/;

/** What Nest would use if it were there or asked for. */
const OPTIONAL =
  /^(@nestjs\/(microservices|websockets|platform-fastify)|@fastify\/static|class-(validator|transformer))\b/;

/**
 * The server in a few files instead of two thousand, most of them packages': it starts in a third of the time, and in
 * less memory. What Nest compiled is the input, and `main.js` takes the place of the one it made.
 */
export default defineConfig({
  input: `${DIST}/main.js`,
  output: { dir: DIST, entryFileNames: 'main.js', chunkFileNames: 'bundle-[hash].js', keepNames: true },
  platform: 'node',
  resolve: { mainFields: ['module', 'main'] },
  external: (id, importer) => EXTERNAL.test(id) || (OPTIONAL.test(id) && /@nestjs/.test(importer ?? '')),
  plugins: [
    { name: 'own-url', transform: keepOwnUrl },
    { name: 'ascii', generateBundle: (_options, bundle) => Object.values(bundle).forEach(escapeToAscii) },
  ],
});

/** A module that asks where it is gets the place it had before. */
function keepOwnUrl(code: string, id: string): string | undefined {
  if (!id.startsWith(DIST) || !code.includes('import.meta.url')) return undefined;
  const place = JSON.stringify(`./${relative(DIST, id)}`);
  return code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`);
}

/** V8 keeps a script in two bytes a character, for as long as it runs, where a single one needs them. */
function escapeToAscii(file: OutputChunk | OutputAsset): void {
  if (file.type !== 'chunk') return;
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  file.code = file.code.replaceAll(/[^\0-\x7f]/g, escape);
}
