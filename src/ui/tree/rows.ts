import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from 'vscode';
import type { Container, DevContainer } from '../../api';
import { normalizeState } from '../../core/identity';
import {
  changeDetail,
  changeName,
  containerWords,
  count,
  description,
  effectWord,
  oneLine,
  portWords,
  spoken,
  stateWord,
} from '../../core/words';
import { lineRange } from '../ranges';
import type { ChangeNode, ContainerNode, DevContainerNode, GroupNode, Node, PortNode } from './nodes';

/** The row of an element: label, description, icon, tags for menus, words for screen readers. */
export function rowOf(node: Node, extra: RowExtra): TreeItem {
  switch (node.kind) {
    case 'devContainer':
      return devContainerRow(node, extra);
    case 'change':
      return changeRow(node);
    case 'port':
      return portRow(node);
    case 'container':
      return containerRow(node);
    case 'group':
      return groupRow(node);
  }
}

/** What a row shows that is not in the snapshot. */
export interface RowExtra {
  hasChildren(item: DevContainer): boolean;
  hasLog(key: string): boolean;
  /** Set when two rows of the same base name need telling apart. */
  hint(item: DevContainer): string | undefined;
  isCompose(item: DevContainer): boolean;
}

function devContainerRow(node: DevContainerNode, extra: RowExtra): TreeItem {
  const { item } = node;
  const state = extra.hasChildren(item) ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
  const row = new TreeItem(oneLine(item.name, 80), state);
  row.id = node.id;
  row.description = [description(item), extra.hint(item)].filter(Boolean).join(' · ');
  row.iconPath = devContainerIcon(item);
  row.contextValue = tags(item, extra);
  row.accessibilityInformation = { label: oneLine(spoken(item), 400), role: 'treeitem' };
  row.command = { command: 'shipshape.openConfig', title: 'Open Configuration', arguments: [node] };
  return row;
}

/** The tooltip is made when the pointer rests on the row: it is the only part that costs something. */
export function tooltipOf(node: Node): MarkdownString | undefined {
  if (node.kind === 'devContainer') return devContainerTooltip(node.item);
  return node.kind === 'container' ? containerTooltip(node.item) : undefined;
}

function devContainerTooltip(item: DevContainer): MarkdownString {
  const lines = [
    `${item.name}: ${item.job?.phase ?? stateWord(item.state)}`,
    item.failure?.message,
    item.problem && `Configuration: ${item.problem.message}`,
    ...item.changes.slice(0, 10).map((change) => `${changeName(change)}: ${changeDetail(change)}`),
    item.changes.length > 10 ? `and ${item.changes.length - 10} more` : undefined,
    `Folder: ${item.workspaceFolder}`,
    item.configFile && `Configuration: ${item.configFile}`,
    item.containerId && `Container: ${item.containerId.slice(0, 12)}`,
  ];
  return plain(lines);
}

function containerTooltip(item: Container): MarkdownString {
  return plain([
    `${item.name}: ${item.state}${item.health ? `, ${item.health}` : ''}`,
    `Image: ${item.image}`,
    `Container: ${item.id.slice(0, 12)}`,
    `Created: ${new Date(item.createdAt).toLocaleString()}`,
    item.composeProject && `Compose project: ${item.composeProject}`,
  ]);
}

/** Text as text: nothing of it becomes a link, a picture or markup. */
function plain(lines: readonly (string | undefined | false)[]): MarkdownString {
  const markdown = new MarkdownString();
  lines.forEach((text) => {
    if (text) markdown.appendText(oneLine(text, 300)).appendMarkdown('\n\n');
  });
  return markdown;
}

function changeRow(node: ChangeNode): TreeItem {
  const { change, parent } = node;
  const row = new TreeItem(oneLine(changeName(change), 80), TreeItemCollapsibleState.None);
  row.id = node.id;
  row.description = oneLine(changeDetail(change), 120);
  row.iconPath = new ThemeIcon('diff-modified', new ThemeColor('charts.yellow'));
  row.contextValue = 'change';
  const need = effectWord(change.effect);
  row.accessibilityInformation = {
    label: oneLine(`${changeName(change)} ${changeDetail(change)}${need ? `, needs ${need}` : ''}`, 300),
    role: 'treeitem',
  };
  if (parent.item.configFile) {
    row.command = {
      command: 'vscode.open',
      title: 'Open',
      arguments: [Uri.file(parent.item.configFile), { selection: lineRange(change.line) }],
    };
  }
  return row;
}

function portRow(node: PortNode): TreeItem {
  const row = new TreeItem(portWords(node.port), TreeItemCollapsibleState.None);
  row.id = node.id;
  row.iconPath = new ThemeIcon('plug');
  row.contextValue = 'port';
  row.command = { command: 'vscode.open', title: 'Open in Browser', arguments: [browserUri(node.port)] };
  return row;
}

function browserUri({ hostIp, hostPort }: PortNode['port']): Uri {
  const isAnywhere = hostIp === undefined || ['', '0.0.0.0', '::', '127.0.0.1', '::1'].includes(hostIp);
  const host = isAnywhere ? 'localhost' : hostIp.includes(':') ? `[${hostIp}]` : hostIp;
  return Uri.from({ scheme: 'http', authority: `${host}:${hostPort ?? 80}` });
}

function containerRow(node: ContainerNode): TreeItem {
  const { item } = node;
  const row = new TreeItem(oneLine(item.name, 80), TreeItemCollapsibleState.None);
  row.id = node.id;
  row.description = containerWords(item);
  row.iconPath = containerIcon(item);
  row.contextValue = `container;${normalizeState(item.state)}${item.composeProject === undefined ? '' : ';compose'}`;
  row.accessibilityInformation = {
    label: oneLine(
      `${item.name}, ${item.state === 'running' ? 'running, ' : ''}${containerWords(item)}`,
      300,
    ),
    role: 'treeitem',
  };
  return row;
}

function groupRow(node: GroupNode): TreeItem {
  const { project, containers } = node.group;
  const running = containers.filter((container) =>
    ['running', 'restarting'].includes(container.state),
  ).length;
  const row = new TreeItem(oneLine(project, 80), TreeItemCollapsibleState.Expanded);
  row.id = node.id;
  row.description =
    running === containers.length ? `${running} running` : `${running} of ${containers.length} running`;
  row.iconPath = new ThemeIcon('layers');
  row.contextValue = 'group;compose';
  row.accessibilityInformation = {
    label: oneLine(
      `Compose project ${project}, ${count(containers.length, 'container')}, ${running} running`,
      300,
    ),
    role: 'treeitem',
  };
  return row;
}

function tags(item: DevContainer, extra: RowExtra): string {
  return [
    'devcontainer',
    item.state,
    item.dirty && 'dirty',
    item.problem && 'invalid',
    item.activity !== 'idle' && 'busy',
    item.failure && 'failed',
    extra.isCompose(item) && 'compose',
    extra.hasLog(item.key) && 'logged',
  ]
    .filter(Boolean)
    .join(';');
}

function devContainerIcon(item: DevContainer): ThemeIcon {
  if (item.activity !== 'idle') return new ThemeIcon('loading~spin');
  if (item.failure) return new ThemeIcon('warning', new ThemeColor('problemsErrorIcon.foreground'));
  if (item.problem) return new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground'));
  return stateIcon(item.state);
}

function containerIcon(item: Container): ThemeIcon {
  if (item.health === 'unhealthy')
    return new ThemeIcon('heart', new ThemeColor('problemsErrorIcon.foreground'));
  return stateIcon(normalizeState(item.state));
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
