import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from 'vscode';
import type { Container, DevContainer } from '../../api';
import { grouped } from '../../common/grouped';
import { placeToOpen } from '../../core/changes';
import { baseName, normalizeState } from '../../core/identity';
import { rowsStatus } from '../../core/imageAggregate';
import { statusWord } from '../../core/imageWords';
import { itemsOf } from '../../core/order';
import {
  changeDetail,
  changeName,
  changeWords,
  containerWords,
  description,
  hasNoContainer,
  needWords,
  oneLine,
  portWords,
  spoken,
  strongestOf,
} from '../../core/words';
import { lineRange } from '../ranges';
import { containerIcon, devContainerIcon, isOutdated, sectionIcon } from './icons';
import { imageUri } from './imageDecorations';
import type {
  ChangeNode,
  ContainerNode,
  DevContainerNode,
  DuplicateNode,
  MoreNode,
  MoreChangesNode,
  Node,
  PortNode,
  SectionNode,
} from './nodes';

/** The row of an element: label, description, icon, tags for menus, words for screen readers. */
export function rowOf(node: Node, extra: RowExtra = NOTHING_MORE): TreeItem {
  switch (node.kind) {
    case 'devContainer':
      return devContainerRow(node, extra);
    case 'change':
      return changeRow(node);
    case 'moreChanges':
      return moreChangesRow(node);
    case 'port':
      return portRow(node);
    case 'container':
      return containerRow(node);
    case 'duplicate':
      return duplicateRow(node);
    case 'section':
      return sectionRow(node);
    case 'more':
      return moreRow(node);
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

/**
 * Opens what the selected row stands for. Not the row's own command with the row as its argument: of such a one the
 * editor forgets the argument when the row is drawn anew, and a click in that moment is an error.
 */
export const OPEN_ROW = '_shipshape.openRow';

const NOTHING_MORE: RowExtra = {
  hasChildren: () => false,
  hasLog: () => false,
  hint: () => undefined,
  isCompose: () => false,
};

function devContainerRow(node: DevContainerNode, extra: RowExtra): TreeItem {
  const { item } = node;
  const state = extra.hasChildren(item) ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
  const row = new TreeItem(oneLine(item.name, 80), state);
  row.id = node.id;
  row.description = [description(item), extra.hint(item)].filter(Boolean).join(' · ');
  row.iconPath = devContainerIcon(item);
  if (item.image) row.resourceUri = imageUri(item.image);
  row.contextValue = tags(item, extra);
  const label = [spoken(item), extra.hint(item)].filter(Boolean).join(', ');
  row.accessibilityInformation = { label: oneLine(label, 400), role: 'treeitem' };
  row.command = { command: OPEN_ROW, title: 'Open Configuration' };
  return row;
}

function changeRow(node: ChangeNode): TreeItem {
  const { change } = node;
  const { changes } = node.parent.item;
  const row = leaf(node.id, changeName(change, changes), changeWords(change, changes));
  const matters = change.effect !== 'none';
  // What it needs stands in the parent's row already; that it needs nothing does not.
  const needsNothing = matters ? '' : needWords(change.effect);
  row.description = oneLine(
    [changeDetail(change), elsewhere(node), needsNothing].filter(Boolean).join(' · '),
    160,
  );
  row.iconPath = matters
    ? new ThemeIcon('diff-modified', new ThemeColor('charts.yellow'))
    : new ThemeIcon('circle-small-filled', new ThemeColor('disabledForeground'));
  row.contextValue = 'change';
  const { file, line } = placeToOpen(change);
  if (file !== undefined) {
    const place = [Uri.file(file), { selection: lineRange(line) }];
    row.command = { command: 'vscode.open', title: 'Open', arguments: place };
  }
  return row;
}

/** The file of a property, where it is another than the configuration. */
function elsewhere({ change, parent }: ChangeNode): string {
  const isNamed = !change.property || change.file === undefined || change.file === parent.item.configFile;
  return isNamed ? '' : baseName(change.file);
}

function moreChangesRow({ id, n }: MoreChangesNode): TreeItem {
  const row = leaf(id, `… and ${n} more`, `and ${n} more changes`);
  row.contextValue = 'moreChanges';
  row.command = { command: OPEN_ROW, title: 'Show Changes' };
  return row;
}

/** A row without children; `said` is what a screen reader says of it. */
function leaf(id: string, label: string, said: string): TreeItem {
  const row = new TreeItem(oneLine(label, 80), TreeItemCollapsibleState.None);
  row.id = id;
  row.accessibilityInformation = { label: oneLine(said, 300), role: 'treeitem' };
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
  const said = `${item.name}, ${item.state === 'running' ? 'running, ' : ''}${containerWords(item)}`;
  const row = leaf(node.id, item.name, said);
  row.description = containerWords(item);
  row.iconPath = containerIcon(item);
  if (item.check) row.resourceUri = imageUri(item.check);
  row.contextValue = [
    'container',
    normalizeState(item.state),
    item.composeProject && 'compose',
    isOutdated(item) && 'outdated',
  ]
    .filter(Boolean)
    .join(';');
  return row;
}

function duplicateRow(node: DuplicateNode): TreeItem {
  const { item, parent } = node;
  if (item.id === parent.item.previous?.containerId) return keptRow(node);
  const words = [item.state === 'running' ? 'running' : '', containerWords(item)].filter(Boolean).join(', ');
  const said = `${item.name}, duplicate of ${parent.item.name}, ${words}`;
  const row = leaf(node.id, item.name, said);
  row.description = `duplicate, ${words}`;
  row.iconPath = new ThemeIcon('files', new ThemeColor('problemsWarningIcon.foreground'));
  row.contextValue = `duplicate;${normalizeState(item.state)}`;
  return row;
}

/** The container that stepped aside: stopped, and there for Roll Back. */
function keptRow({ id, item, parent }: DuplicateNode): TreeItem {
  const row = leaf(id, item.name, `${item.name}, kept for rolling back ${parent.item.name}, ${item.image}`);
  row.description = `kept for Roll Back, ${oneLine(item.image)}`;
  row.iconPath = new ThemeIcon('history');
  row.contextValue = `kept;${normalizeState(item.state)}`;
  return row;
}

/** What a screen reader says before a heading. */
const KINDS: Readonly<Record<SectionNode['section']['by'], string>> = {
  engine: 'engine ',
  compose: 'Compose project ',
  service: 'Swarm service ',
  group: '',
};

function sectionRow(node: SectionNode): TreeItem {
  const { section } = node;
  const hasRows = section.children.length > 0;
  // Engines are few, and stay open.
  const isClosed = node.appearance === 'closed' && section.by !== 'engine';
  const opened = isClosed ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.Expanded;
  const state = hasRows ? opened : TreeItemCollapsibleState.None;
  const row = new TreeItem(oneLine(section.label, 80), state);
  row.id = node.id;
  row.description = sectionWords(node);
  row.iconPath = sectionIcon(section);
  row.contextValue = `section;${section.by}${section.engine ? `;${section.engine.status}` : ''}`;
  const kind = KINDS[section.by];
  row.accessibilityInformation = {
    label: oneLine(`${kind}${section.label}, ${sectionWords(node)}`, 400),
    role: 'treeitem',
  };
  return row;
}

/** Leads to what the level has no room for. */
function moreRow(node: MoreNode): TreeItem {
  const more = `${grouped(node.hidden)} more`;
  const way = node.isFiltered ? 'narrow the filter to find them' : 'filter to find them';
  const row = leaf(node.id, `… ${more}`, `${more} not shown, ${way}`);
  row.description = way;
  row.iconPath = new ThemeIcon('filter');
  row.contextValue = 'more';
  row.command = { command: 'shipshape.filter', title: 'Filter' };
  return row;
}

function sectionWords({ section, isFiltered }: SectionNode): string {
  const { engine } = section;
  if (engine?.status === 'unavailable') {
    const since =
      engine.staleSince === undefined ? '' : ` since ${new Date(engine.staleSince).toLocaleTimeString()}`;
    return oneLine(`not answering${since}: ${engine.error ?? ''}`);
  }
  if (engine?.status === 'connecting') return 'connecting';
  const items = itemsOf<DevContainer | Container>(section.children);
  // How many of all run, the rows that were found cannot tell.
  if (isFiltered) return `${items.length} found`;
  const running = items.filter((item) => ['running', 'restarting'].includes(item.state)).length;
  const image = rowsStatus(items, section.by === 'compose' || section.by === 'service');
  const many = running === items.length ? `${running} running` : `${running} of ${items.length} running`;
  return image === undefined ? many : `${many}, ${statusWord(image)}`;
}

function tags(item: DevContainer, extra: RowExtra): string {
  return [
    'devcontainer',
    // What an engine that is away has not told of can be created as soon as it is there.
    hasNoContainer(item) ? 'notCreated' : item.state,
    item.dirty && 'dirty',
    item.dirty && strongestOf(item.changes) === 'restart' && 'restart',
    item.changes.length > 0 && 'changed',
    item.problem && 'invalid',
    item.activity !== 'idle' && 'busy',
    item.failure && 'failed',
    isOutdated(item) && 'outdated',
    item.failure?.kind === 'lifecycle' && 'hookFailed',
    item.previous && 'previous',
    item.duplicates && 'duplicated',
    extra.isCompose(item) && 'compose',
    extra.hasLog(item.key) && 'logged',
  ]
    .filter(Boolean)
    .join(';');
}
