/** What dev containers can be made from, and the ways in which its files are saved. */
import { rename, rm, writeFile } from 'node:fs/promises';
import type { Change } from '../../../src/api';
import { CONFIG_PATH, IMAGE } from './dirtyGround';

export const DOCKERFILE = '.devcontainer/Dockerfile';
export const COMPOSE = '.devcontainer/compose.yml';
export const COPIED = 'src/main.py';

const COMMON = {
  [DOCKERFILE]: `FROM ${IMAGE}\n# Why.\nCOPY src /src\nRUN echo built && sleep 1\n`,
  [COPIED]: 'print(1)\n',
};

export interface Kind {
  readonly files: Readonly<Record<string, string>>;
  /** What to replace in each file, and what is told of it then. */
  readonly edits: Readonly<Record<string, readonly [from: string, to: string, told: Partial<Change>]>>;
  /** Where an edit during the build has probably come too late; of other inputs it cannot be known. */
  readonly late: readonly string[];
}

const EDITS: Kind['edits'] = {
  [CONFIG_PATH]: ['"dev"', '"test"', { property: 'containerEnv.MODE', to: '"test"' }],
  [DOCKERFILE]: ['echo built', 'echo again', { from: 'RUN echo built && sleep 1', effect: 'rebuild' }],
  [COPIED]: ['1', '2', { effect: 'rebuild' }],
};

export const KINDS: Readonly<Record<string, Kind>> = {
  'a Dockerfile': {
    files: {
      ...COMMON,
      [CONFIG_PATH]: `{
  // Why.
  "build": { "dockerfile": "Dockerfile", "context": ".." },
  "containerEnv": { "MODE": "dev", "LANG": "C" }
}
`,
    },
    edits: EDITS,
    late: [],
  },
  'a Compose file': {
    files: {
      ...COMMON,
      [CONFIG_PATH]: `{
  // Why.
  "dockerComposeFile": "compose.yml",
  "service": "app",
  "workspaceFolder": "/workspace",
  "containerEnv": { "MODE": "dev", "LANG": "C" }
}
`,
      [COMPOSE]: `# Why.
version: "3.4"
services:
  app:
    build: { context: .., dockerfile: .devcontainer/Dockerfile }
    command: sleep 1000
    environment:
      FIRST: "one"
      SECOND: "two"
`,
    },
    edits: {
      ...EDITS,
      [COMPOSE]: ['"one"', '"1"', { property: 'services.app.environment.FIRST', to: '1' }],
    },
    late: [COMPOSE, DOCKERFILE, '.'],
  },
};

/** `gone` settles once the watchers have told of the path, which is not there at that moment. */
export type Save = (path: string, text: string, gone: () => Promise<unknown>) => Promise<unknown>;

export const inPlace: Save = (path, text) => writeFile(path, text);

/** The ways in which editors and tools put a text in the place of another. */
export const SAVES: Readonly<Record<string, Save>> = {
  'in place': inPlace,
  'through a new file': async (path, text) => {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  },
  'with a backup': async (path, text) => {
    await rename(path, `${path}~`);
    await writeFile(path, text);
    await rm(`${path}~`);
  },
  'deleted and made again': async (path, text, gone) => {
    const told = gone();
    await rm(path);
    await told;
    await writeFile(path, text);
  },
};
