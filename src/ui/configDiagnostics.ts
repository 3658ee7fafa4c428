import { Diagnostic, DiagnosticSeverity, languages, Range, Uri } from 'vscode';
import type { Disposable, Event } from '../api';
import { DisposableStore } from '../common/disposable';
import { problemsByFile, type PlacedProblem, type PlacesIn } from '../core/configProblems';
import type { Configs } from '../core/configs';
import type { ConfigReading, InputReading, InputSet } from '../core/ports';

const SOURCE = 'Shipshape';

/** Where the inputs of a configuration are known. */
export interface KnownInputs {
  readonly onDidChange: Event<void>;
  /** What was read last; the same object as long as nothing in it changed. */
  of(configFile: string): InputSet | undefined;
}

interface Judged {
  readonly reading: ConfigReading;
  readonly inputs: readonly InputReading[];
  readonly problems: ReadonlyMap<string, readonly PlacedProblem[]>;
}

/**
 * Puts what is wrong in configurations, and in the files that they name, among the editor's problems, as the files say
 * it when they are saved.
 */
export class ConfigDiagnostics implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #problems = this.#parts.add(languages.createDiagnosticCollection('shipshape'));
  readonly #judged = new Map<string, Judged>();
  /** By URI the files of which something is shown, and whether another extension says that their text is broken. */
  readonly #shown = new Map<string, { readonly file: string; readonly isTold: boolean }>();

  /** @param inputs what is known of the inputs that the configurations name; without it they are not judged. */
  constructor(
    private readonly configs: Configs,
    private readonly placesIn: PlacesIn,
    private readonly inputs?: KnownInputs,
  ) {
    this.#parts.add(configs.onDidChange(() => this.#update()));
    if (inputs) this.#parts.add(inputs.onDidChange(() => this.#update()));
    this.#parts.add(languages.onDidChangeDiagnostics(({ uris }) => uris.forEach((uri) => this.#hear(uri))));
    this.#update();
  }

  dispose(): void {
    this.#parts.dispose();
  }

  /** Only files that may be read are known to `configs`; one that is known no more has no problems either. */
  #update(): void {
    const files = new Set(this.configs.files);
    const touched = new Set<string>();
    for (const [file, { problems }] of this.#judged) {
      if (files.has(file)) continue;
      this.#judged.delete(file);
      for (const each of problems.keys()) touched.add(each);
    }
    for (const file of files) for (const each of this.#judge(file)) touched.add(each);
    for (const file of touched) this.#show(file);
  }

  /** The files of which something else may be said than before. */
  #judge(configFile: string): string[] {
    const reading = this.configs.reading(configFile);
    if (!reading) return [];
    const inputs = this.inputs?.of(configFile)?.readings ?? NO_INPUTS;
    const known = this.#judged.get(configFile);
    if (known?.reading === reading && known.inputs === inputs) return [];
    const problems = problemsByFile(configFile, reading, inputs, this.placesIn);
    this.#judged.set(configFile, { reading, inputs, problems });
    return [...(known?.problems.keys() ?? []), ...problems.keys()];
  }

  /** Configurations may share a file, of which the same is then said once. */
  #show(file: string): void {
    const found = [...this.#judged.values()].flatMap(({ problems }) => problems.get(file) ?? []);
    const different = new Map(found.map((problem) => [JSON.stringify(problem), problem]));
    const uri = Uri.file(file);
    const isTold = isSaidBroken(uri);
    if (different.size === 0) this.#shown.delete(uri.toString());
    else this.#shown.set(uri.toString(), { file, isTold });
    const ours = [...different.values()].filter(({ isSyntax }) => !(isSyntax && isTold));
    this.#problems.set(uri, ours.map(toDiagnostic));
  }

  /** While another extension says that the text is broken, as JSON's does of open files, ours would be one too many. */
  #hear(uri: Uri): void {
    const shown = this.#shown.get(uri.toString());
    if (shown && shown.isTold !== isSaidBroken(uri)) this.#show(shown.file);
  }
}

const NO_INPUTS: readonly InputReading[] = [];
const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

function isSaidBroken(uri: Uri): boolean {
  return languages
    .getDiagnostics(uri)
    .some(({ source, severity }) => source !== SOURCE && severity === DiagnosticSeverity.Error);
}

function toDiagnostic({ message, line, column, length = 0, severity }: PlacedProblem): Diagnostic {
  const range = new Range(line - 1, column - 1, line - 1, column - 1 + length);
  const diagnostic = new Diagnostic(range, message, SEVERITIES[severity]);
  diagnostic.source = SOURCE;
  return diagnostic;
}
