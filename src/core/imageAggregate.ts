import type { Container, DevContainer, ImageStatus } from '../api';
import { isLive, normalizeState } from './identity';

/** The one status that stands for several; undefined for none. */
export function aggregateStatus(statuses: readonly ImageStatus[]): ImageStatus | undefined {
  const [first] = statuses;
  if (first === undefined) return undefined;
  const areAll = (wanted: ImageStatus): boolean => statuses.every((status) => status === wanted);
  if (areAll('skipped') || areAll('preparing')) return first;
  return TELLING.find((status) => statuses.includes(status)) ?? 'updated';
}

/** The status of the rows below a heading, as far as they were checked; of a project or service by its own rules. */
export function rowsStatus(
  rows: readonly (Container | DevContainer)[],
  isProject: boolean,
): ImageStatus | undefined {
  const checked = rows.flatMap((row) => {
    const status = ('activity' in row ? row.image : row.check)?.status;
    return status === undefined ? [] : [{ state: row.state, status }];
  });
  return isProject ? groupStatus(checked) : aggregateStatus(checked.map(({ status }) => status));
}

/** The status of a compose project or a service: what ended does not count, and what has yet to start decides. */
export function groupStatus(
  containers: readonly { readonly state: string; readonly status: ImageStatus }[],
): ImageStatus | undefined {
  if (containers.length === 0) return undefined;
  const there = containers.filter(({ state }) => isLive({ state }) || normalizeState(state) === 'created');
  const isComing = there.length === 0 || there.some(({ state }) => normalizeState(state) === 'created');
  return isComing ? 'preparing' : aggregateStatus(there.map(({ status }) => status));
}

/** In the order in which they outweigh the others. */
const TELLING: readonly ImageStatus[] = ['outdated', 'processing', 'error'];
