/** What went wrong, for programs; the message says it to people and names the way out. */
export type ErrorCode =
  | 'invalidArgument'
  | 'notFound'
  | 'notADevContainer'
  | 'busy'
  | 'untrusted'
  | 'invalidConfig'
  | 'engineMissing'
  | 'engineDenied'
  | 'engineSilent'
  | 'engineFailed'
  | 'cliMissing'
  | 'diskFull'
  | 'notKept'
  | 'cancelled';

/** An error that a user may see as it is. */
export class ShipshapeError extends Error {
  override readonly name = 'ShipshapeError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Also of an error from a part that is loaded later and has a class of its own for it. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof Error && error.name === 'ShipshapeError' && 'code' in error && error.code === code;
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
