const REFERENCE = /\$(?:\$|\{([A-Za-z_]\w*)(?:(:?[-+?])([^{}]*))?\}|([A-Za-z_]\w*))/g;

/** Names of the variables that a Compose file takes from the environment. */
export function variablesIn(text: string): string[] {
  // Also in a default inside of another: the names alone are enough here.
  return [...text.matchAll(/\$(?:\$|\{?([A-Za-z_]\w*))/g)].flatMap(([, name]) => (name ? [name] : []));
}

/** A value of a Compose file with its variables, as far as a path needs it: no defaults inside of defaults. */
export function interpolate(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(
    REFERENCE,
    (
      _match,
      braced: string | undefined,
      operator: string | undefined,
      word: string | undefined,
      bare: string | undefined,
    ) => {
      const name = braced ?? bare;
      if (name === undefined) return '$';
      const value = lookUp(name);
      const isThere = operator?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
      if (operator?.endsWith('-')) return isThere ? (value ?? '') : (word ?? '');
      if (operator?.endsWith('+')) return isThere ? (word ?? '') : '';
      return value ?? '';
    },
  );
}
