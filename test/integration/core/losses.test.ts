import { expect, inject, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { hostTimers as timers } from '../../../src/common/scheduling';
import { lossesWith } from '../../../src/core/containerLosses';
import { KEPT_PATHS } from '../../../src/core/losses';
import { IMAGE, RecreateGround } from '../../support/recreateGround';

test('what is lost of 100,000 files is known', async () => {
  const ground = new RecreateGround(() => inject('dockerHost'));
  await ground.open({ 'devcontainer.json': { image: IMAGE } });
  try {
    const { containerId = '' } = await ground.run('up');
    ground.inside(
      'mkdir -p /opt/many && cd /opt/many && i=0; while [ $i -lt 100000 ]; do : > $i; i=$((i+1)); done',
    );
    const [store] = ground.core.engines.stores;
    if (!store) throw new Error('There is no engine.');
    const signal = new AbortController().signal;
    const losses = await lossesWith(store.engine, containerId, { timers, logger: silentLogger, signal });
    expect(losses).toMatchObject({ files: 100_000, places: [{ path: '/opt/many', files: 100_000 }] });
    expect(losses?.paths).toHaveLength(KEPT_PATHS);
  } finally {
    await ground.close();
  }
});
