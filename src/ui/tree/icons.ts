import { ThemeColor, ThemeIcon } from 'vscode';
import type { Container, DevContainer } from '../../api';
import { normalizeState } from '../../core/identity';
import type { SectionNode } from './nodes';

export function devContainerIcon(item: DevContainer): ThemeIcon {
  if (item.activity !== 'idle') return new ThemeIcon('loading~spin');
  if (item.failure) return new ThemeIcon('warning', new ThemeColor('problemsErrorIcon.foreground'));
  if (item.problem) return new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground'));
  if (item.dirty && item.state === 'running')
    return new ThemeIcon('vm-running', new ThemeColor('charts.yellow'));
  if (isOutdated(item) && item.state === 'running') return outdatedIcon();
  return stateIcon(item.state);
}

export function containerIcon(item: Container): ThemeIcon {
  if (item.health === 'unhealthy')
    return new ThemeIcon('heart', new ThemeColor('problemsErrorIcon.foreground'));
  if (isOutdated(item) && item.state === 'running') return outdatedIcon();
  return stateIcon(normalizeState(item.state));
}

export function sectionIcon({ by, engine }: SectionNode['section']): ThemeIcon {
  if (by === 'compose' || by === 'service') return new ThemeIcon('layers');
  if (by === 'group') return new ThemeIcon('folder');
  if (engine?.status === 'unavailable') {
    return new ThemeIcon('server', new ThemeColor('problemsWarningIcon.foreground'));
  }
  return new ThemeIcon('server');
}

/** Whether its registry has a newer image. */
export function isOutdated(item: DevContainer | Container): boolean {
  const check = 'activity' in item ? item.image : item.check;
  return check?.status === 'outdated';
}

function outdatedIcon(): ThemeIcon {
  return new ThemeIcon('cloud-download', new ThemeColor('charts.yellow'));
}

/** One shape for each state, so that colour is never the only sign. */
function stateIcon(state: DevContainer['state']): ThemeIcon {
  switch (state) {
    case 'running':
      return new ThemeIcon('vm-running', new ThemeColor('charts.green'));
    case 'restarting':
      return new ThemeIcon('vm-running', new ThemeColor('charts.yellow'));
    case 'paused':
      return new ThemeIcon('debug-pause', new ThemeColor('charts.yellow'));
    case 'notCreated':
      return new ThemeIcon('circle-large-outline');
    case 'missing':
      return new ThemeIcon('circle-slash');
    case 'unknown':
      return new ThemeIcon('question');
    case 'created':
    case 'stopped':
      return new ThemeIcon('vm-outline');
  }
}
