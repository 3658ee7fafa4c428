/** The arrows of the house: extension -> ui -> core -> common; adapters -> core, common; nothing circular. */
const room = (name) => `^src/${name}/`;
const allowed = (from, ...to) => ({
  name: `${from}-knows-only-${to.join('-and-') || 'itself'}`,
  severity: 'error',
  from: { path: room(from) },
  to: { path: '^src/', pathNot: [room(from), '^src/api\\.ts$', ...to.map(room)] },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    allowed('common'),
    allowed('core', 'common'),
    allowed('engine', 'core', 'common'),
    allowed('devcontainers', 'core', 'common'),
    allowed('registry', 'core', 'common'),
    allowed('storage', 'core', 'common'),
    allowed('ui', 'core', 'common'),
    {
      name: 'api-imports-nothing',
      severity: 'error',
      from: { path: '^src/api\\.ts$' },
      to: { path: '.' },
    },
    {
      name: 'only-ui-knows-vscode',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/ui/', '^src/extension\\.ts$'] },
      to: { path: '(^|/)vscode(/|$)' },
    },
    {
      name: 'core-does-no-io',
      severity: 'error',
      from: { path: '^src/(core|common)/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    {
      name: 'tests-mock-no-vscode',
      severity: 'error',
      from: { path: '^test/(unit|integration)/' },
      to: { path: ['(^|/)vscode(/|$)', '^src/ui/', '^src/extension\\.ts$'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^vscode$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
