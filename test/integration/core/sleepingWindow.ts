/** A window of its own process, which a test puts to sleep: prints the names of the containers that it knows. */
import { watchHastily } from '../../support/hastyWatch';

const [endpoint = ''] = process.argv.slice(2);

/** Neither the watchdog, whose pings may take for ever, nor a safety list makes up for what a sleep has missed. */
void watchHastily(endpoint, { pingMs: 1_000, sleptMs: 2_000 }, { ping: 1e9 }).then(({ store }) => {
  store.onDidChange(() => {
    const names = store.containers().map(({ name }) => name);
    console.log(store.state.status, ...names.sort());
  });
});
// It ends with the test that started it.
process.stdin.on('end', () => process.exit()).resume();
