/**
 * What activation loads, in files that are loaded one after the other, each in a turn of the event loop of its own:
 * compiling and running all of it in one go would hold up every other extension of the host.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the order of loading; a module is in the first that it fits, and knows only its own stage and those before. */
const STAGES = {
  core: /^src\/(core|common)\//,
  adapters: /^(src\/(devcontainers|engine|storage)|node_modules)\//,
  main: /^src\//,
};
export const STAGE_NAMES = Object.keys(STAGES);

const ENTRY = 'src/extension.ts';

/** Builds the stages into `folder`; resolves to esbuild's metafiles. */
export async function buildStages(esbuild, root, folder, options) {
  const { metafile } = await esbuild.build({
    ...options,
    entryPoints: [ENTRY],
    outdir: folder,
    write: false,
  });
  const shared = await sharedNames(esbuild, root, metafile.inputs);
  const metafiles = [];
  for (const stage of STAGE_NAMES) {
    const exported = [...shared]
      .filter(([, { of }]) => of === stage)
      .map(([name, { module }]) => `export { ${name} } from './${module}';`);
    const contents = [...exported, ...(stage === 'main' ? [`export * from './${ENTRY}';`] : [])].join('\n');
    const built = await esbuild.build({
      ...options,
      stdin: { contents, resolveDir: root },
      outfile: join(folder, `${stage}.js`),
      plugins: [...options.plugins, earlierStages(root, stage)],
    });
    metafiles.push(built.metafile);
  }
  return metafiles;
}

/** Text of the file that the editor loads; a stage is loaded when the editor activates us. */
export const LOADER = `'use strict';
exports.activate = async (context) => {
  let stage;
  for (const load of [${STAGE_NAMES.map((name) => `() => require('./lib/${name}.js')`).join(', ')}]) {
    await new Promise((resolve) => setImmediate(resolve));
    stage = load();
  }
  await new Promise((resolve) => setImmediate(resolve));
  return stage.activate(context);
};
`;

function stageOf(module) {
  return STAGE_NAMES.find((name) => STAGES[name].test(module));
}

/**
 * What modules import of an earlier stage: the stage and the module of each name. A stage exports them side by side,
 * so a name has to be there once.
 */
async function sharedNames(esbuild, root, inputs) {
  const shared = new Map();
  for (const [importer, { imports }] of Object.entries(inputs)) {
    const earlier = imports.filter(
      ({ path, kind, external }) => !external && kind === 'import-statement' && isEarlier(path, importer),
    );
    if (earlier.length === 0) continue;
    // Without types, in one way of writing.
    const { code } = await esbuild.transform(readFileSync(join(root, importer), 'utf8'), { loader: 'ts' });
    for (const { path: module, original } of earlier) {
      for (const name of importedFrom(original, code)) {
        const owner = shared.get(name)?.module ?? module;
        if (owner !== module) throw new Error(`${module} and ${owner} both export ${name}.`);
        shared.set(name, { module, of: stageOf(module) });
      }
    }
  }
  return shared;
}

function isEarlier(module, importer) {
  const [of, by] = [module, importer].map((path) => STAGE_NAMES.indexOf(stageOf(path)));
  if (of > by) throw new Error(`${importer} imports ${module}, which is loaded after it.`);
  return of < by;
}

function importedFrom(original, code) {
  return [...code.matchAll(/^import \{([^}]*)\} from "([^"]*)";$/gm)]
    .filter(([, , from]) => from === original)
    .flatMap(([, names]) => names.split(','))
    .map((name) => name.trim().replace(/ as .*/, ''))
    .filter((name) => name !== '');
}

/** Sends imports of what an earlier stage has to that stage's file. */
const earlierStages = (root, stage) => ({
  name: 'earlier-stages',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, kind, resolveDir, importer }) => {
      if (kind !== 'import-statement' || importer === '<stdin>') return undefined;
      const of = stageOf(`${join(resolveDir, path).slice(root.length + 1)}.ts`);
      return of !== undefined && of !== stage ? { path: `./${of}.js`, external: true } : undefined;
    });
  },
});
