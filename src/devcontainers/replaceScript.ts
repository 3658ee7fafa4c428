import { ShipshapeError } from '../common/errors';
import type { CliRequest } from '../core/ports';

/** What a script that stands in for docker during one job needs to know. */
export interface Replacement {
  /** Absolute path of the real docker program. */
  readonly docker: string;
  /** Id of the container to replace, 12 to 64 hexadecimal digits. */
  readonly containerId: string;
  /** Ids of other containers that the CLI must not see either. */
  readonly duplicates?: readonly string[];
  /** File that exists from the moment the container is given up; its time of change is that moment. */
  readonly marker: string;
}

/**
 * A POSIX shell script for `--docker-path`. It leaves the container out of `ps`, so that the CLI builds and runs as
 * if there were none; when the CLI calls `run`, the image being there, it renames the container and stops it first.
 * When that fails it undoes what it did and exits with a message. All else goes straight to docker.
 */
export function setAsideScript(replacement: Replacement & { readonly setAsideName: string }): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,200}$/.test(replacement.setAsideName)) {
    throw new ShipshapeError('invalidArgument', `Not a container name: ${replacement.setAsideName}`);
  }
  return `${head(replacement)}aside=${quoted(replacement.setAsideName)}

# The image of this 'run', as the CLI puts it: --entrypoint /bin/sh [-l LABEL]... IMAGE -c ...
image_of() {
  image= want=
  for word; do
    case $want in
      entrypoint) if [ "$word" = /bin/sh ]; then want=image; else want=; fi ;;
      label) want=image ;;
      image) if [ "$word" = -l ]; then want=label; else image=$word want=command; fi ;;
      command) if [ "$word" = -c ]; then return; fi; image= want= ;;
    esac
    if [ "$want" = '' ] && [ "$word" = --entrypoint ]; then want=entrypoint; fi
  done
}

set_aside() {
  image_of "$@"
  if [ -n "$image" ] && ! "$docker" inspect --type image "$image" >/dev/null 2>&1; then
    "$docker" pull "$image" || exit $?
  fi
  look_for_old
  if [ "$gone" = 1 ]; then return; fi
  : >"$marker" || exit 1
  name=$("$docker" inspect --format '{{.Name}}' "$old") || undo 'could not be inspected'
  # Renamed first: this can be undone without a start, which the CLI would take for that of the new container.
  "$docker" rename "$old" "$aside" || undo 'could not be renamed'
  "$docker" stop "$old" >/dev/null && return
  "$docker" rename "$old" "\${name#/}"
  undo 'could not be stopped'
}

case $1 in
  ps) without_hidden "$@" ;;
  rm) spare_old "$@" ;;
  run) set_aside "$@" ;;
esac
exec "$docker" "$@"
`;
}

/**
 * The same for Compose, both as `--docker-path` (Compose v2: `docker compose …`) and, with `compose` given, as
 * `--docker-compose-path` (v1). Compose finds its containers by label whatever their name, so before `up`, which
 * comes after the build, the container is stopped, kept as an image where `copyName` is given, and removed.
 */
export function composeScript(
  replacement: Replacement & { readonly compose?: string; readonly copyName?: string },
): string {
  const { copyName } = replacement;
  if (copyName !== undefined && !/^[a-z0-9/]{1,60}:[a-z0-9]{1,60}$/.test(copyName)) {
    throw new ShipshapeError('invalidArgument', `Not an image's name: ${copyName}`);
  }
  const copy =
    copyName === undefined
      ? ''
      : `  "$docker" commit --pause=false "$old" ${quoted(copyName)} >/dev/null || undo 'could not be copied'\n`;
  const isCompose = replacement.compose !== undefined;
  const cases = isCompose
    ? 'if is_up "$@"; then remove_old; fi\n'
    : `case $1 in
  ps) without_hidden "$@" ;;
  rm) spare_old "$@" ;;
  compose) if is_up "$@"; then remove_old; fi ;;
esac
`;
  return `${head(replacement)}compose=${quoted(replacement.compose ?? replacement.docker)}

# Whether the subcommand is 'up'; a project or a file may have that name too.
is_up() {
  skip=
  for word; do
    if [ -n "$skip" ]; then skip=; continue; fi
    case $word in
      -f | -p | --file | --project-name | --env-file | --profile | --project-directory) skip=1 ;;
      compose | -*) ;;
      up) return 0 ;;
      *) return 1 ;;
    esac
  done
  return 1
}

remove_old() {
  look_for_old
  if [ "$gone" = 1 ]; then return; fi
  : >"$marker" || exit 1
  "$docker" stop "$old" >/dev/null || undo 'could not be stopped'
${copy}  "$docker" rm -f "$old" >/dev/null || undo 'could not be removed'
}

${cases}exec "$compose" "$@"
`;
}

/** The same where nothing is replaced: leaves containers out of `ps`, so that the CLI takes none of them. */
export function hidingScript(docker: string, ids: readonly string[]): string {
  return `${withoutHidden(docker, ids)}if [ "$1" = ps ]; then without_hidden "$@"; fi
exec "$docker" "$@"
`;
}

/**
 * The same where a container is started: shows the CLI another metadata label than the container has, for which
 * `inspect` has a line of its own. An engine that answers otherwise must not pass for one whose label was shown.
 */
export function relabellingScript(
  docker: string,
  { containerId, label }: NonNullable<CliRequest['metadata']>,
  duplicates: readonly string[],
): string {
  return `${withoutHidden(docker, duplicates)}id=${quoted(checkedId(containerId))}
short=${quoted(containerId.slice(0, 12))}
label=${quoted(JSON.stringify(label))}

with_label() {
  out=$("$docker" "$@") || exit $?
  key='"devcontainer.metadata": '
  found=
  while IFS= read -r line; do
    indent=\${line%%[! ]*}
    case \${line#"$indent"} in
      "$key"*,) found=1 line=$indent$key$label, ;;
      "$key"*) found=1 line=$indent$key$label ;;
    esac
    printf '%s\\n' "$line"
  done <<END
$out
END
  if [ -n "$found" ]; then exit 0; fi
  echo "The engine does not show the label devcontainer.metadata as expected, so today's hooks cannot be run." >&2
  exit 1
}

case $* in
  "inspect --type container $id" | "inspect --type container $short") with_label "$@" ;;
esac
if [ "$1" = ps ]; then without_hidden "$@"; fi
exec "$docker" "$@"
`;
}

/** A string as one word of the shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function withoutHidden(docker: string, ids: readonly string[]): string {
  const hidden = ids.map((id) => ` | ${checkedId(id)} | ${id.slice(0, 12)}`).join('');
  return `#!/bin/sh
# Written by Shipshape for one job, in which it stands in for docker.
docker=${quoted(docker)}

without_hidden() {
  out=$("$docker" "$@") || exit $?
  while IFS= read -r line; do
    case $line in
      ''${hidden}) ;;
      *) printf '%s\\n' "$line" ;;
    esac
  done <<END
$out
END
  exit 0
}

`;
}

function checkedId(id: string): string {
  if (!/^[0-9a-f]{12,64}$/.test(id)) throw new ShipshapeError('invalidArgument', `Not a container id: ${id}`);
  return id;
}

function head({ docker, containerId, duplicates = [], marker }: Replacement): string {
  return `${withoutHidden(docker, [containerId, ...duplicates])}old=${quoted(containerId)}
short=${quoted(containerId.slice(0, 12))}
marker=${quoted(marker)}

spare_old() {
  for word; do
    case $word in "$old" | "$short") exit 0 ;; esac
  done
}

# Sets gone and was_running; that the container is gone by now is fine, that the engine does not answer is not.
look_for_old() {
  there=$("$docker" ps -q -a --filter "id=$old") || exit $?
  was_running=$("$docker" ps -q --filter "id=$old") || exit $?
  gone=
  if [ -z "$there" ]; then gone=1; fi
}

undo() {
  if [ -n "$was_running" ] && [ -z "$("$docker" ps -q --filter "id=$old")" ]; then
    "$docker" start "$old" >/dev/null
  fi
  rm -f "$marker"
  echo "The container to replace $1; it was left as it is." >&2
  exit 1
}

`;
}
