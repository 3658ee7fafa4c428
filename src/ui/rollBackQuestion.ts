import { window } from 'vscode';
import type { DevContainer } from '../api';
import { oneLine } from '../core/words';

/** Asks before the container that there is goes; true where there is none, or the user agrees. */
export async function confirmRollBack({ name, containerId, previous }: DevContainer): Promise<boolean> {
  if (containerId === undefined) return true;
  const what =
    previous?.containerId === undefined
      ? 'A container is made anew from the last image that worked, with the settings of that time.'
      : 'The container that was kept comes back, with its files.';
  const detail = `${what}\n\nThe container that there is now is removed once that one runs. Its files that are not on a volume are lost.`;
  const go = 'Roll Back';
  return (
    (await window.showWarningMessage(`Roll back ${oneLine(name, 80)}?`, { modal: true, detail }, go)) === go
  );
}
