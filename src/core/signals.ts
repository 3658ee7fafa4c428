import { ShipshapeError } from '../common/errors';

/** Fires with either; what a caller of the API gave may be anything. */
export function bothSignals(given: unknown, own: AbortSignal): AbortSignal {
  if (given === undefined || given === null) return own;
  if (given instanceof AbortSignal) return AbortSignal.any([given, own]);
  throw new ShipshapeError('invalidArgument', "A job's signal must be an AbortSignal.");
}
