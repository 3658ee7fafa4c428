import {
  Diagnostic,
  DiagnosticRelatedInformation,
  DiagnosticSeverity,
  languages,
  Location,
  Position,
  Range,
  Uri,
} from 'vscode';
import type { Disposable, Event } from '../api';
import { DisposableStore } from '../common/disposable';
import { problemsOf, type PlacedProblem, type PlacesIn } from '../core/configProblems';
import type { Configs } from '../core/configs';
import type { ConfigReading, InputReading, InputSet } from '../core/ports';

/** Where the inputs of a configuration are known. */
export interface KnownInputs {
  readonly onDidChange: Event<void>;
  /** What was read last; the same object as long as nothing in it changed. */
  of(configFile: string): InputSet | undefined;
}

interface Judged {
  readonly reading: ConfigReading;
  readonly inputs: readonly InputReading[];
}

/** Puts what is wrong in configurations among the editor's problems, as their files say it when they are saved. */
export class ConfigDiagnostics implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #problems = this.#parts.add(languages.createDiagnosticCollection('shipshape'));
  readonly #judged = new Map<string, Judged>();

  /** @param inputs what is known of the inputs that the configurations name; without it they are not judged. */
  constructor(
    private readonly configs: Configs,
    private readonly placesIn: PlacesIn,
    private readonly inputs?: KnownInputs,
  ) {
    this.#parts.add(configs.onDidChange(() => this.#update()));
    if (inputs) this.#parts.add(inputs.onDidChange(() => this.#update()));
    this.#update();
  }

  dispose(): void {
    this.#parts.dispose();
  }

  /** Only files that may be read are known to `configs`; one that is known no more has no problems either. */
  #update(): void {
    const files = new Set(this.configs.files);
    for (const file of this.#judged.keys()) {
      if (files.has(file)) continue;
      this.#judged.delete(file);
      this.#problems.delete(Uri.file(file));
    }
    for (const file of files) this.#judge(file);
  }

  #judge(file: string): void {
    const reading = this.configs.reading(file);
    if (!reading) return;
    const inputs = this.inputs?.of(file)?.readings ?? NO_INPUTS;
    const known = this.#judged.get(file);
    if (known?.reading === reading && known.inputs === inputs) return;
    this.#judged.set(file, { reading, inputs });
    const problems = problemsOf(reading, inputs, this.placesIn);
    this.#problems.set(Uri.file(file), problems.map(toDiagnostic));
  }
}

const NO_INPUTS: readonly InputReading[] = [];
const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

function toDiagnostic(problem: PlacedProblem): Diagnostic {
  const { message, line, column, length = 0, severity, elsewhere } = problem;
  const range = new Range(line - 1, column - 1, line - 1, column - 1 + length);
  const diagnostic = new Diagnostic(range, message, SEVERITIES[severity]);
  diagnostic.source = 'Shipshape';
  if (elsewhere) {
    const place = new Location(Uri.file(elsewhere.file), new Position(elsewhere.line - 1, 0));
    diagnostic.relatedInformation = [new DiagnosticRelatedInformation(place, `line ${elsewhere.line}`)];
  }
  return diagnostic;
}
