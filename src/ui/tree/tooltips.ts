import { MarkdownString } from 'vscode';
import type { Container, DevContainer } from '../../api';
import { changeDetail, changeName, effectWord, oneLine, problemWords, stateWord } from '../../core/words';
import type { ChangeNode, Node } from './nodes';

/** The tooltip is made when the pointer rests on the row: it is the only part that costs something. */
export function tooltipOf(node: Node): MarkdownString | undefined {
  if (node.kind === 'devContainer') return devContainerTooltip(node.item);
  if (node.kind === 'change') return changeTooltip(node);
  return node.kind === 'container' || node.kind === 'duplicate' ? containerTooltip(node.item) : undefined;
}

function devContainerTooltip(item: DevContainer): MarkdownString {
  const lines = [
    `${item.name}: ${item.job?.phase ?? stateWord(item.state)}`,
    item.failure?.message,
    item.problem && `${capitalized(problemWords(item.problem))}: ${item.problem.message}`,
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

function changeTooltip({ change }: ChangeNode): MarkdownString {
  const need = effectWord(change.effect);
  return plain([
    `${changeName(change)} in ${change.input}`,
    change.from && `The container was made with: ${change.from}`,
    change.to && `The file says now: ${change.to}`,
    need && `Needs: ${need}`,
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
