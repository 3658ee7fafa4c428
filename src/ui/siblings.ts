import { window } from 'vscode';
import type { DevContainer } from '../api';
import { otherServices } from '../core/changes';
import type { Configs } from '../core/configs';
import { oneLine } from '../core/words';

/** Asks before Compose replaces containers beside the dev container; true where it will not, or may. */
export async function confirmSiblings(item: DevContainer, configs: Configs): Promise<boolean> {
  const reading = item.configFile === undefined ? undefined : configs.reading(item.configFile);
  const service = reading?.status === 'ok' ? reading.value['service'] : undefined;
  const others = otherServices(item.changes, service).map((name) => oneLine(name, 80));
  if (others.length === 0) return true;
  const go = 'Recreate';
  const picked = await window.showWarningMessage(
    `Recreating ${oneLine(item.name, 80)} also replaces ${others.join(', ')}: what Compose is told of it changed.`,
    { modal: true, detail: 'Files inside that are not on a volume are lost.' },
    go,
  );
  return picked === go;
}
