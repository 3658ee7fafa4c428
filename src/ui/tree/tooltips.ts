import { MarkdownString } from 'vscode';
import type { Container, DevContainer, Engine, ImageCheck } from '../../api';
import { mattering } from '../../core/changes';
import { SWARM_NODE_LABEL, SWARM_SERVICE_LABEL } from '../../core/identity';
import { digestWords, imageSentences } from '../../core/imageWords';
import {
  changeWords,
  count,
  duplicatesWords,
  needWords,
  oneLine,
  problemWords,
  stateWord,
} from '../../core/words';
import type { ChangeNode, DuplicateNode, Node } from './nodes';

const SHOWN_CHANGES = 10;

/** The tooltip is made when the pointer rests on the row: it is the only part that costs something. */
export function tooltipOf(node: Node): MarkdownString | undefined {
  if (node.kind === 'devContainer') return devContainerTooltip(node.item);
  if (node.kind === 'change') return changeTooltip(node);
  if (node.kind === 'duplicate') return duplicateTooltip(node);
  if (node.kind === 'section') return node.section.engine && engineTooltip(node.section.engine);
  return node.kind === 'container' ? plain(containerLines(node.item)) : undefined;
}

/** Whether the tooltip says how long ago something was. */
export function tellsAge(node: Node): boolean {
  if (node.kind === 'devContainer') return node.item.image !== undefined;
  const isContainer = node.kind === 'container' || node.kind === 'duplicate';
  return isContainer && node.item.check !== undefined;
}

function devContainerTooltip(item: DevContainer): MarkdownString {
  const lines = [
    `${item.name}: ${item.job?.phase ?? stateWord(item.state)}`,
    item.failure?.message,
    item.problem && `${capitalized(problemWords(item.problem))}: ${item.problem.message}`,
    item.goneSince !== undefined &&
      `Its container has been gone since ${new Date(item.goneSince).toLocaleString()}`,
    item.duplicates &&
      `${duplicatesWords(item)}: tools start and open the newest container that names its configuration`,
    ...(item.problem ? [] : changesLines(item)),
    item.isUnread &&
      item.configFile &&
      'Not compared with its configuration: its folder was never open here as a trusted workspace',
    ...imageLines(item.image),
    `Folder: ${item.workspaceFolder}${item.isFolderMissing ? ' (not found here)' : ''}`,
    item.configFile && `Configuration: ${item.configFile}`,
    item.containerId && `Container: ${item.containerId.slice(0, 12)}`,
  ];
  return plain(lines);
}

/** A row has no room for the reason and the way out. */
function engineTooltip({ name, endpoint, status, error, staleSince }: Engine): MarkdownString {
  const known =
    staleSince !== undefined && `What is shown was known at ${new Date(staleSince).toLocaleString()}.`;
  const isDown = status === 'unavailable';
  const state = { connecting: 'connecting', ready: 'answers', unavailable: 'not answering' }[status];
  return plain([`${name}: ${state}`, isDown && error, isDown && known, `Address: ${endpoint}`]);
}

/** What makes it dirty, each with what it needs; of what needs nothing only how many. */
function changesLines({ changes }: DevContainer): string[] {
  const matter = mattering(changes);
  const harmless = changes.length - matter.length;
  const more = matter.length - SHOWN_CHANGES;
  return [
    ...matter.slice(0, SHOWN_CHANGES).map((change) => changeWords(change, changes)),
    more > 0 ? `… and ${more} more` : '',
    harmless > 0 ? `${count(harmless, 'change')} without effect on the container` : '',
  ].filter((line) => line !== '');
}

function duplicateTooltip({ item, parent }: DuplicateNode): MarkdownString {
  if (item.id === parent.item.previous?.containerId) {
    const what = `What ${parent.item.name} was before its last recreate: Roll Back brings it back, with its files.`;
    return plain([what, ...containerLines(item)]);
  }
  const runs = parent.item.duplicateRuns && item.state === 'running' ? ' It runs, the newest does not.' : '';
  return plain([
    `Made from the configuration of ${parent.item.name}, which has a newer container.${runs}`,
    ...containerLines(item),
  ]);
}

function containerLines(item: Container): (string | undefined)[] {
  return [
    `${item.name}: ${item.state}${item.health ? `, ${item.health}` : ''}`,
    `Image: ${item.image}`,
    ...imageLines(item.check),
    `Container: ${item.id.slice(0, 12)}`,
    `Created: ${new Date(item.createdAt).toLocaleString()}`,
    item.composeProject && `Compose project: ${item.composeProject}`,
    item.labels[SWARM_SERVICE_LABEL] && `Swarm service: ${item.labels[SWARM_SERVICE_LABEL]}`,
    item.labels[SWARM_NODE_LABEL] && `Swarm node: ${item.labels[SWARM_NODE_LABEL]}`,
  ];
}

/** How the image stands, why, and since when that is known. */
function imageLines(check: ImageCheck | undefined): string[] {
  return check ? [imageSentences(check, Date.now()), digestWords(check)] : [];
}

function changeTooltip({ change }: ChangeNode): MarkdownString {
  const need = needWords(change.effect);
  return plain([
    change.property ? `${change.property} in ${change.input}` : change.input,
    change.probable && 'Probably changed: nobody recorded what the container was made from.',
    change.from && `The container was made with: ${change.from}`,
    change.to && `It says now: ${change.to}`,
    need && capitalized(need),
  ]);
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Text as text: nothing of it becomes a link, a picture or markup. */
function plain(lines: readonly (string | undefined | false)[]): MarkdownString {
  const markdown = new MarkdownString();
  lines.forEach((text) => {
    if (text) markdown.appendText(oneLine(text, 300)).appendMarkdown('\n\n');
  });
  return markdown;
}
