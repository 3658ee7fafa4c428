import type { ServerResponse } from 'node:http';
import { expect, it, onTestFinished, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { snapshotWhere, startCore } from '../../support/core';
import { waitFor } from '../../support/processes';
import { stubEngine } from '../engine/support';

/** What a real engine cannot be made to do at a chosen moment: answers on a real socket, one by one. */
async function stub(ids: readonly string[] = []) {
  const there = new Set(ids);
  const asked = { lists: 0, inspects: 0, listsAtOnce: 0, mostListsAtOnce: 0 };
  const held: (() => void)[] = [];
  const state = { holdLists: false, labels: {}, missing: new Set<string>() };
  let events: ServerResponse | undefined;
  const answerList = (response: ServerResponse): void => {
    asked.lists++;
    asked.mostListsAtOnce = Math.max(asked.mostListsAtOnce, ++asked.listsAtOnce);
    response.on('close', () => asked.listsAtOnce--);
    const send = () =>
      response.end(JSON.stringify([...there].map((id) => ({ Id: id, Labels: state.labels }))));
    if (state.holdLists) held.push(send);
    else send();
  };
  const endpoint = await stubEngine((call, response) => {
    const id = /containers\/([0-9a-f]{64})\/json/.exec(call.url ?? '')?.[1];
    if (call.url?.startsWith('/events')) (events = response).writeHead(200).flushHeaders();
    else if (call.url?.startsWith('/containers/json')) answerList(response);
    else if (id === undefined) response.end(JSON.stringify({ SystemTime: new Date().toISOString() }));
    else {
      asked.inspects++;
      if (there.has(id) && !state.missing.has(id)) response.end(JSON.stringify({ Id: id, State: { Status: 'created' } }));
      else response.writeHead(404).end('{"message":"No such container"}');
    }
  }); // prettier-ignore
  return {
    endpoint,
    asked,
    state,
    release: () => held.splice(0).forEach((send) => send()),
    create(ids: readonly string[]): void {
      for (const id of ids) there.add(id);
      const line = (ID: string) =>
        `${JSON.stringify({ Type: 'container', Action: 'create', Actor: { ID } })}\n`;
      events?.write(ids.map(line).join(''));
    },
  };
}

const idOf = (n: number): string => n.toString(16).padStart(64, '0');

async function coreOf(endpoint: string, logger = silentLogger) {
  const core = await startCore({ dockerHost: endpoint, folders: [], logger });
  onTestFinished(() => core.dispose());
  return core;
}

it('a storm of a thousand creates costs one inspect each and no list, and is told in steps', async () => {
  const engine = await stub();
  const core = await coreOf(engine.endpoint);
  const told: number[] = [];
  core.inventory.onDidChange(() => told.push(performance.now()));
  const listed = engine.asked.lists;
  engine.create(Array.from({ length: 1_000 }, (_, n) => idOf(n)));
  await snapshotWhere({ inventory: core.inventory }, ({ containers }) => containers.length === 1_000);
  expect(engine.asked).toMatchObject({ lists: listed, inspects: 1_000 });
  const [first = 0] = told;
  const last = told.at(-1) ?? 0;
  expect(told.length).toBeGreaterThan(0);
  // The first at once, then one in each tenth of a second at most.
  expect(told.length).toBeLessThanOrEqual(2 + (last - first) / 100);
});

it('an engine that takes its time has one list to make, whoever asks, and none once it is not shown', async () => {
  const engine = await stub([idOf(1)]);
  const core = await coreOf(engine.endpoint);
  engine.state.holdLists = true;
  const asked = engine.asked.lists;
  const refreshing = [core.engines.refresh(), core.engines.refresh(), core.engines.refresh()];
  await waitFor('the list to be asked for', () => engine.asked.lists > asked);
  engine.create([idOf(2)]);
  await snapshotWhere(core, ({ containers }) => containers.length === 2);
  engine.release();
  await Promise.all(refreshing);
  expect(engine.asked.lists).toBe(asked + 1);
  expect(core.inventory.current().containers).toHaveLength(2);

  const last = core.engines.refresh();
  await waitFor('the list to be under way', () => engine.asked.listsAtOnce === 1);
  core.engines.use([]);
  await waitFor('it to be let go of', () => engine.asked.listsAtOnce === 0, 3_000);
  await last;
  expect(engine.asked.mostListsAtOnce).toBe(1);
});

it('a dev container that goes between the list and the question for more is not there, and no failure', async () => {
  const engine = await stub([idOf(1), idOf(2)]);
  engine.state.labels = { 'devcontainer.local_folder': '/w' };
  engine.state.missing.add(idOf(2));
  const warn = vi.fn();
  const core = await coreOf(engine.endpoint, { ...silentLogger, warn });
  const snapshot = await core.inventory.ready();
  expect(snapshot.containers.map(({ id }) => id)).toEqual([idOf(1)]);
  expect(snapshot.engines).toMatchObject([{ status: 'ready' }]);
  expect(snapshot.engines[0]).not.toHaveProperty('error');
  expect(warn).not.toHaveBeenCalled();
});
