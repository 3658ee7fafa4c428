import http from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { engineAgent } from '../../../src/engine/agent';
import type { Transport } from '../../../src/engine/hosts';

const transports: Transport[] = [
  { kind: 'socket', path: '/x.sock' },
  { kind: 'tcp', host: 'far', port: 2375 },
  { kind: 'tcp', host: 'far', port: 2376, tls: { verify: true } },
  { kind: 'ssh', host: 'far' },
];

describe.each(transports)('the agent for %j', (transport) => {
  it('prints in a word, since docker-modem prints it in full for each request', () => {
    expect(inspect(engineAgent(transport), { showHidden: true, depth: null })).toBe('Agent');
  });

  it('is of its own, so that its end is nobody else’s', () => {
    const agent = engineAgent(transport);
    expect(agent).not.toBe(http.globalAgent);
    expect(agent).not.toBe(engineAgent(transport));
  });
});
