import {
  FileDecoration,
  ThemeColor,
  Uri,
  window,
  type Disposable,
  type FileDecorationProvider,
} from 'vscode';
import type { ImageCheck, ImageStatus } from '../../api';
import { statusWord } from '../../core/imageWords';

const SCHEME = 'shipshape-image';

/** A sign for each status, so that colour is never the only one. */
const SIGNS: Readonly<Record<ImageStatus, string>> = {
  processing: '…',
  outdated: '↑',
  updated: '✓',
  skipped: '–',
  preparing: '○',
  error: '!',
};

/** Marks rows by how their image stands; what a row shows lies in its address, so nothing has to be kept. */
export function decorateImages(): Disposable {
  const provider: FileDecorationProvider = {
    provideFileDecoration: ({ scheme, path }) => {
      const status = path.slice(1) as ImageStatus;
      if (scheme !== SCHEME || !Object.hasOwn(SIGNS, status)) return undefined;
      const color = status === 'outdated' ? new ThemeColor('list.warningForeground') : undefined;
      return new FileDecoration(SIGNS[status], `Image ${statusWord(status)}`, color);
    },
  };
  return window.registerFileDecorationProvider(provider);
}

/** The address of a row whose image was checked. */
export function imageUri({ status }: Pick<ImageCheck, 'status'>): Uri {
  return Uri.from({ scheme: SCHEME, path: `/${status}` });
}
