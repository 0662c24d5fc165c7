// Bundles the page, its editor workers and the saved operations into dist/, with nothing left to
// fetch from elsewhere. `npm run build` runs it; the router serves dist/ at /playground.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import esbuild from 'esbuild';

const here = import.meta.dirname;
const dist = path.join(here, 'dist');
const operationsDir = path.join(here, 'operations');

// The workers of the editor, as entry points of their own. They are classic scripts, which every
// browser can start.
const workers = {
  'worker-editor': 'monaco-editor/esm/vs/editor/editor.worker.js',
  'worker-json': 'monaco-editor/esm/vs/language/json/json.worker.js',
  'worker-graphql': 'monaco-graphql/esm/graphql.worker.js',
};

const common = {
  absWorkingDir: here,
  bundle: true,
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.USE_IMPORT': '"true"' },
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  assetNames: '[name]-[hash]',
  legalComments: 'linked',
  loader: { '.ttf': 'file', '.woff2': 'file', '.svg': 'file' },
  logLevel: 'warning',
  metafile: true,
  minify: true,
  outdir: path.join(dist, 'assets'),
  publicPath: '/playground/assets',
  target: 'es2022',
};

/** Maps the name of each entry point to the URLs of its script and of its style sheet. */
function urls(metafile) {
  const found = {};
  for (const [file, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const url = (name) => `/playground/assets/${path.basename(name)}`;
    const entry = path.basename(file).replace(/-[A-Z0-9]+\.js$/, '');
    found[entry] = { script: url(file), style: output.cssBundle && url(output.cssBundle) };
  }
  return found;
}

/** The saved operations in the order of their file names: 01-register.graphql, 02-…, each with the
 * variables of the .json file beside it when there is one. */
async function savedOperations() {
  const files = (await readdir(operationsDir)).filter((file) => file.endsWith('.graphql')).sort();
  return Promise.all(
    files.map(async (file) => {
      const query = await readFile(path.join(operationsDir, file), 'utf8');
      const name = file.slice(0, -'.graphql'.length);
      const variables = await readFile(path.join(operationsDir, `${name}.json`), 'utf8').catch(() => '');
      if (variables) JSON.parse(variables);
      const [, number, words] = /^(\d*)-?(.*)$/.exec(name);
      const notes = /^(?:#.*\n)*/.exec(query)[0].replace(/^# ?/gm, '').trim();
      return { name, number, title: words.replaceAll('-', ' '), notes, query, variables };
    }),
  );
}

/** Lets the page import the operations as a module. */
const operationsPlugin = {
  name: 'operations',
  setup(build) {
    build.onResolve({ filter: /^virtual:operations$/ }, (args) => ({ path: args.path, namespace: 'virtual' }));
    build.onLoad({ filter: /.*/, namespace: 'virtual' }, async () => ({
      contents: JSON.stringify(await savedOperations()),
      loader: 'json',
    }));
  },
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist);

const built = await esbuild.build({ ...common, entryPoints: workers, format: 'iife' });
const workerUrls = Object.fromEntries(Object.entries(urls(built.metafile)).map(([name, url]) => [name, url.script]));

const page = await esbuild.build({
  ...common,
  define: { ...common.define, WORKER_URLS: JSON.stringify(workerUrls) },
  entryPoints: { page: 'src/page.jsx' },
  format: 'esm',
  jsx: 'automatic',
  plugins: [operationsPlugin],
  splitting: true,
});

const { script, style } = urls(page.metafile).page;
const template = await readFile(path.join(here, 'src/index.html'), 'utf8');
await writeFile(path.join(dist, 'index.html'), template.replace('{{style}}', style).replace('{{script}}', script));

const bytes = [built, page].flatMap((result) => Object.values(result.metafile.outputs)).reduce((sum, o) => sum + o.bytes, 0);
console.log(`dist: ${(bytes / 1e6).toFixed(1)} MB, ${(await savedOperations()).length} saved operations`);
