import tseslint from 'typescript-eslint';

/** Only the editor side may know vscode; dependency-cruiser guards the arrows, these rules the rest. */
const noUnsafeCalls = [
  {
    selector: "CallExpression[callee.property.name='sendText']",
    message: 'Never type data into a shell: start the terminal with shellPath and shellArgs.',
  },
  {
    selector: "Property[key.name='shell'][value.value=true]",
    message: 'Spawn programs by argv, never through a shell.',
  },
  {
    selector: 'ImportSpecifier[imported.name=/^(exec|execSync)$/]',
    message: 'exec goes through a shell: use spawn or execFile.',
  },
];

const noSlowCalls = [
  {
    selector: "CallExpression[callee.property.name='toLocaleString'][arguments.0.value='en']",
    message: 'The first number that Intl writes holds the host up for 10 to 25 ms: use grouped().',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/', 'test/fixtures/', '**/*.cjs'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.mjs', 'scripts/*.mjs'] } },
    },
    rules: {
      'no-restricted-syntax': ['error', ...noUnsafeCalls, ...noSlowCalls],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
