/**
 * An engine of many containers that runs as a process of its own and answers with what a real one once said, over a
 * real socket. Started by `startStub`; told to change containers by messages.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';

interface Recorded {
  readonly listed: Record<string, unknown>;
  readonly inspected: Record<string, unknown>;
}

const [socketPath = '', recording = '', count = '0'] = process.argv.slice(2);
const { listed, inspected } = JSON.parse(readFileSync(recording, 'utf8')) as Recorded;
const names = Array.from({ length: Number(count) }, (_, n) => `container-${n}`);
const isRunning = names.map(() => true);
const devLabels = {
  'devcontainer.local_folder': '/w',
  'devcontainer.config_file': '/w/.devcontainer/devcontainer.json',
};
const readers = new Set<ServerResponse>();
let requests = 0;

const idOf = (n: number): string => n.toString(16).padStart(64, '0');
const elements = names.map((_, n) => element(n));

function element(n: number): string {
  const labels = { ...(listed['Labels'] as object), ...(n === 0 ? devLabels : {}) };
  const state = isRunning[n] ? { State: 'running', Status: 'Up 2 hours' } : { State: 'exited', Status: 'Exited (0) 1 s ago' }; // prettier-ignore
  return JSON.stringify({ ...listed, ...state, Id: idOf(n), Names: [`/${names[n]}`], Labels: labels });
}

function description(n: number): string {
  const config = inspected['Config'] as Record<string, unknown>;
  const labels = { ...(config['Labels'] as object), ...(n === 0 ? devLabels : {}) };
  const state = { ...(inspected['State'] as object), Status: isRunning[n] ? 'running' : 'exited' };
  const changed = { Id: idOf(n), Name: `/${names[n]}`, State: state, Config: { ...config, Labels: labels } };
  return JSON.stringify({ ...inspected, ...changed });
}

const server = createServer((request, response) => {
  requests++;
  const path = (request.url ?? '').split('?')[0] ?? '';
  const id = /^\/containers\/([0-9a-f]{64})\/json$/.exec(path)?.[1];
  if (path === '/events') {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    readers.add(response);
    response.on('close', () => readers.delete(response));
  } else if (path === '/containers/json') response.end(`[${elements.join(',')}]`);
  else if (/^\/images\/.+\/json$/.test(path)) response.end(JSON.stringify({ Id: listed['ImageID'] }));
  else if (path === '/info') response.end(JSON.stringify({ SystemTime: new Date().toISOString() }));
  else if (id === undefined) response.end('OK');
  else response.end(description(Number.parseInt(id, 16)));
});

/** `rename` and `flip` change a container and tell of it; `count` tells how many requests there were. */
process.on('message', ({ what, n, name }: { what: string; n: number; name?: string }) => {
  if (what === 'count') {
    process.send?.(requests);
    return;
  }
  if (what === 'rename') names[n] = name ?? '';
  else isRunning[n] = !isRunning[n];
  elements[n] = element(n);
  const action = what === 'rename' ? 'rename' : isRunning[n] ? 'start' : 'die';
  const event = { Type: 'container', Action: action, Actor: { ID: idOf(n), Attributes: { name: names[n] } } };
  for (const reader of readers) reader.write(`${JSON.stringify(event)}\n`);
});

server.listen(socketPath, () => process.send?.('ready'));
