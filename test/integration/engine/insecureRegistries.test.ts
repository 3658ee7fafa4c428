import { expect, test } from 'vitest';
import { startDockerEngine } from '../../support/dockerEngine';
import { connect } from './support';

test('an engine tells to which registries it talks without TLS: hosts and ranges', async () => {
  const config = { 'insecure-registries': ['registry.lan:5000', '10.9.0.0/16'] };
  const engine = await startDockerEngine({ config, baseImage: false });
  try {
    const told = await (await connect(engine.endpoint)).insecureRegistries();
    expect([...told].sort()).toEqual(['10.9.0.0/16', '127.0.0.0/8', 'registry.lan:5000']);
  } finally {
    await engine.stop();
  }
});
