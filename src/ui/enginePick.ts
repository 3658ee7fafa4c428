import { window, type QuickPick, type QuickPickItem } from 'vscode';
import { messageOf } from '../common/errors';
import type { EngineChoice } from '../core/engineChoice';
import { AS_DOCKER, type EngineOffer } from '../core/ports';
import { oneLine } from '../core/words';

/** An engine that is slower than this is said not to answer; who wants it can choose it all the same. */
const ANSWER_MS = 3_000;

interface Row extends QuickPickItem {
  readonly id: string;
}

/**
 * Asks which engines to show. An argument `{engines: [id, …]}` chooses without asking; an id is a host string,
 * `context:NAME`, or `docker` for whatever the docker command uses.
 */
export async function chooseEngines(choice: EngineChoice, argument: unknown): Promise<void> {
  const named = (argument as { engines?: unknown } | undefined)?.engines;
  if (Array.isArray(named)) return choice.choose(named.filter((id) => typeof id === 'string'));
  const picked = await ask(choice);
  if (picked) await choice.choose(picked);
}

async function ask(choice: EngineChoice): Promise<readonly string[] | undefined> {
  const pick = window.createQuickPick<Row>();
  const end = new AbortController();
  pick.title = 'Choose the engines to show';
  pick.placeholder = 'None: the one that the docker command uses';
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.busy = true;
  pick.show();
  const answer = new Promise<readonly string[] | undefined>((resolve) => {
    pick.onDidAccept(() => resolve(pick.selectedItems.map(({ id }) => id)));
    pick.onDidHide(() => resolve(undefined));
  });
  void fill(pick, choice, end.signal).finally(() => {
    if (!end.signal.aborted) pick.busy = false;
  });
  try {
    return await answer;
  } finally {
    end.abort();
    pick.dispose();
  }
}

/** Shows what was found, and fills in which of them answer as the answers come. */
async function fill(pick: QuickPick<Row>, choice: EngineChoice, signal: AbortSignal): Promise<void> {
  const offers = await choice.offers();
  const states = new Map<string, string>();
  const show = (chosen: ReadonlySet<string>): void => {
    if (signal.aborted) return;
    pick.items = offers.map((offer) => toRow(offer, states.get(offer.id)));
    pick.selectedItems = pick.items.filter(({ id }) => chosen.has(id));
  };
  show(new Set(choice.chosen));
  await Promise.all(
    offers.map(async (offer) => {
      states.set(offer.id, await stateOf(offer, choice, signal));
      show(new Set(pick.selectedItems.map(({ id }) => id)));
    }),
  );
}

async function stateOf(offer: EngineOffer, choice: EngineChoice, signal: AbortSignal): Promise<string> {
  if (offer.problem !== undefined) return offer.problem;
  const late = AbortSignal.timeout(ANSWER_MS);
  try {
    await choice.probe(offer.id, AbortSignal.any([signal, late]));
    return 'answers';
  } catch (error) {
    return late.aborted ? 'does not answer' : messageOf(error);
  }
}

function toRow(offer: EngineOffer, state = 'asking…'): Row {
  const address = oneLine(offer.endpoint, 200);
  if (offer.id === AS_DOCKER) {
    const now = address && `now ${offer.name}: ${address}`;
    const detail = `${state} · by ${offer.why ?? 'default'}`;
    return {
      id: offer.id,
      label: 'As the docker command',
      description: oneLine(now, 300),
      detail: oneLine(detail, 600),
    };
  }
  const detail = offer.isDockers ? `${state} · the docker command's choice` : state;
  return { id: offer.id, label: oneLine(offer.name, 80), description: address, detail: oneLine(detail, 600) };
}
