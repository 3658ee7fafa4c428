import { expect, test } from 'vitest';
import { startDockerEngine } from '../../support/dockerEngine';
import { connect, stubEngine } from './support';

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

test('an engine that told its time is not asked once more for its registries, and its time is never an old one', async () => {
  const asked: string[] = [];
  const host = await stubEngine(({ url = '' }, response) => {
    asked.push(url);
    const InsecureRegistryCIDRs = ['10.9.0.0/16'];
    response.end(
      JSON.stringify({ SystemTime: new Date().toISOString(), RegistryConfig: { InsecureRegistryCIDRs } }),
    );
  });
  const engine = await connect(host);
  await engine.clockSkew();
  expect(await engine.insecureRegistries()).toEqual(['10.9.0.0/16']);
  expect(await engine.insecureRegistries()).toEqual(['10.9.0.0/16']);
  expect(asked).toHaveLength(1);
  await engine.clockSkew();
  expect(asked).toHaveLength(2);
});
