import type { Logger } from '../../common/logger';
import { messageOf } from '../../common/errors';
import type { InputKind, InputReader, InputRequest, InputSet } from '../../core/ports';
import { hostEnvironment } from '../cliCommand';
import { builtInputs } from './buildProperty';
import { composeInputs } from './compose';
import { ComposeCommand } from './composeCommand';
import { environmentInputs } from './environment';
import { runArgsEnvFiles } from './envFile';
import { featureInputs } from './feature';
import { HashedFiles } from './hashedFiles';
import { lockfileInputs } from './lockfile';
import { joinParts, NO_PART } from './part';
import type { InputGround, InputPart } from './part';
import { misconfigured } from './problems';
import { watchedInputs } from './watched';

export interface FileInputReaderOptions {
  /** Whether a file that a symbolic link leads to may be read; gets the real path. */
  readonly mayRead: (realPath: string) => boolean;
  /** Whether programs may run on what the workspace holds. */
  readonly isTrusted: () => boolean;
  readonly logger: Logger;
  /** Name or absolute path of the docker command; undefined for `docker`. */
  readonly dockerPath?: () => string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Folders that are watched for one configuration. */
const maxFolders = 64;

/** Reads everything that a dev container is made from besides its devcontainer.json. */
export class FileInputReader implements InputReader {
  readonly #files: HashedFiles;
  readonly #compose: ComposeCommand;

  constructor(private readonly options: FileInputReaderOptions) {
    this.#files = new HashedFiles(options.mayRead);
    this.#compose = new ComposeCommand(() => options.dockerPath?.() ?? 'docker');
  }

  async read(request: InputRequest): Promise<InputSet> {
    const ground = this.#ground(request);
    const { mayRead } = this.options;
    const parts = await Promise.all([
      this.#part('dockerfile', ground, () => builtInputs(ground)),
      this.#part('compose', ground, () => composeInputs(ground, this.#compose)),
      this.#part('environment', ground, () => environmentInputs(ground)),
      this.#part('envFile', ground, () => runArgsEnvFiles(ground)),
      this.#part('feature', ground, () => featureInputs(ground, mayRead)),
      this.#part('lockfile', ground, () => lockfileInputs(ground)),
      this.#part('watched', ground, () => watchedInputs(ground)),
    ]);
    const joined = joinParts(parts);
    if (joined.folders.length > maxFolders)
      this.options.logger.debug(
        `Of ${joined.folders.length} folders that count for ${request.configFile} the first ${maxFolders} are watched.`,
      );
    return { ...joined, folders: joined.folders.slice(0, maxFolders) };
  }

  #ground(request: InputRequest): InputGround {
    const { workspaceFolder, configFile, config, known } = request;
    const earlier: InputGround['earlier'] = (kind, input) =>
      known.filter((reading) => reading.kind === kind && reading.input === input);
    return {
      workspaceFolder,
      configFile,
      config,
      files: this.#files,
      env: hostEnvironment(this.options.env ?? process.env, workspaceFolder),
      isTrusted: this.options.isTrusted(),
      known: (kind, input, fingerprint) => earlier(kind, input).find((it) => it.fingerprint === fingerprint),
      earlier,
    };
  }

  /** One part that fails must not take the others with it. */
  async #part(
    kind: InputKind,
    ground: InputGround,
    read: () => InputPart | Promise<InputPart>,
  ): Promise<InputPart> {
    try {
      return await read();
    } catch (error) {
      const message = `${messageOf(error)} (while reading the inputs of kind ${kind})`;
      this.options.logger.error(`${ground.configFile}: ${message}`);
      return { ...NO_PART, readings: [misconfigured(kind, kind, message, [])] };
    }
  }
}
