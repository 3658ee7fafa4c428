import type { ExtensionContext } from 'vscode';

/** What is kept in the editor's own memory: of this workspace, and of the user over all windows. */
export function memoryOf({ workspaceState, globalState }: ExtensionContext) {
  return {
    /** On which engine a configuration's dev container is created. */
    placements: {
      get: (config: string) => workspaceState.get<string>(`engineOf:${config}`),
      set: (config: string, engine: string) => void workspaceState.update(`engineOf:${config}`, engine),
    },
    /** Of which changes the user was told. */
    told: {
      get: (key: string) => workspaceState.get<string>(`told:${key}`),
      set: (key: string, value: string) => void workspaceState.update(`told:${key}`, value),
    },
    /** Which engines are shown. */
    engines: {
      get: () => globalState.get('engines'),
      set: (ids: readonly string[]) => void globalState.update('engines', ids),
    },
    /** When images were checked last by the schedule, in milliseconds since 1970. */
    imagesChecked: {
      get: () => globalState.get<number>('imagesChecked'),
      set: (at: number) => void globalState.update('imagesChecked', at),
    },
  };
}
