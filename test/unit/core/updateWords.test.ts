import { describe, expect, it } from 'vitest';
import type { UpdateReport } from '../../../src/api';
import { nothingToUpdate, reportTable, updateNews, updateQuestion } from '../../../src/core/updateWords';

const [A, B] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const report = (name: string, more: Partial<UpdateReport> = {}): UpdateReport => ({
  ...{ containerId: 'c'.repeat(64), name, image: 'app:1', policy: 'manual', updated: 'true', from: A, to: B },
  ...{ engine: 'e', environment: 'Docker', ...more },
});

describe('the question before an update', () => {
  it('names where each container is and from which image it goes to which', () => {
    const { message, detail } = updateQuestion([report('web', { updated: 'pending', project: 'shop' })]);
    expect(message).toBe('Update web?');
    expect(detail).toMatch(/^web \(Docker, shop\): aaaaaaaaaaaa → bbbbbbbbbbbb\n/);
    expect(detail).toContain('Files inside that are not on a volume are lost');
  });

  it('counts those that have something to do, and says which image did not work', () => {
    const bad = { updated: 'false', isQuarantined: true, error: 'It did not work.' } as const;
    const all = [report('a', { updated: 'pending' }), report('b', bad), report('c', { updated: 'false' })];
    expect(updateQuestion(all).message).toBe('Update 2 containers?');
    expect(updateQuestion(all).detail).toContain('It did not work.');
    const many = Array.from({ length: 12 }, (_, n) => report(`c${n}`, { updated: 'pending' }));
    expect(updateQuestion(many).detail).toContain('\nand 2 more\n');
  });
});

describe('what is told afterwards', () => {
  it('is one sentence of one container, with why', () => {
    expect(updateNews([report('web')])).toEqual({
      text: 'web (Docker): aaaaaaaaaaaa → bbbbbbbbbbbb was updated.',
      isBad: false,
    });
    expect(updateNews([report('web', { updated: 'rolled back', error: 'It ended.' })])).toEqual({
      text: 'web (Docker): aaaaaaaaaaaa → bbbbbbbbbbbb was rolled back. It ended.',
      isBad: true,
    });
    expect(updateNews([report('web', { updated: 'false' })])).toBeUndefined();
  });

  it('is one message of many, what went well first', () => {
    const all = ['a', 'b', 'c', 'd'].map((name) => report(name, { to: undefined } as never));
    const news = updateNews([report('x', { updated: 'failed', error: 'no' }), ...all]);
    expect(news?.text).toMatch(/^4 updated: a \(Docker\), .* 1 not updated: x \(Docker\)/);
    expect(news?.isBad).toBe(true);
  });

  it('says why there is nothing to do', () => {
    expect(nothingToUpdate([])).toBe('There is no container to update.');
    expect(nothingToUpdate([report('web', { updated: 'false' })])).toBe(
      'web was not updated: it is up to date.',
    );
    const skipped = report('db', { updated: 'false', error: 'skipped (stopped)' });
    expect(nothingToUpdate([report('web', { updated: 'false' }), skipped])).toContain(
      'db (skipped (stopped))',
    );
  });

  it('stands in a table, with what anybody wrote on one line', () => {
    const lines = reportTable([report('web\nx', { error: 'no\u202e way' }), report('db')]).split('\n');
    expect(lines[0]).toMatch(/^container +updated +from +to +engine +unit +image +policy +id$/);
    expect(lines[1]).toMatch(/^web\\u000ax +updated +a{12} +b{12} +Docker +app:1 +manual +c{12}$/);
    expect(lines).toHaveLength(6);
    expect(lines.join()).not.toContain('\u202e');
  });
});
