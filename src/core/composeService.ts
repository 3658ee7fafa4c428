/** The service of a configuration, as Compose notes it on its containers. */
export interface ComposeService {
  /** By the rule of the Dev Containers CLI. */
  readonly project: string;
  readonly service: string;
  /** The project's folder, an absolute path. */
  readonly folder: string;
  /** Absolute paths of the Compose files that the configuration names, in order. */
  readonly files: readonly string[];
}
