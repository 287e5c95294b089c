import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const BROWSER = [
  ...['document', 'window', 'location', 'history', 'crypto', 'fetch', 'setTimeout', 'clearTimeout'],
  ...['URL', 'URLSearchParams', 'FormData', 'Blob', 'DOMParser', 'ResizeObserver'],
];
const readonly = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

export default tseslint.config(
  { ignores: ['dist/', '.data/', '.cache/', 'coverage/', 'tests/bench/yardstick/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    // Only main, cli and config may touch the process (config is the one door to the environment); starting the engine's
    // process needs to know this one.
    files: ['src/**/*.ts'],
    ignores: [
      'src/main.ts',
      'src/cli.ts',
      'src/cli/**',
      'src/config.ts',
      'src/database/engine/**',
      '**/*.child.ts',
      '**/*.worker.ts',
    ],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'Take settings from Config; only main, cli and config use process.' },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['public/*.js', 'views/**/*.js'],
    languageOptions: { globals: readonly(BROWSER) },
  },
  {
    files: ['*.js', '*.cjs'],
    languageOptions: { globals: readonly(['module', 'process', 'console']) },
  },
  {
    // Mongoose describes schema definitions as instances of its SchemaTypeOptions class; everybody gives plain objects.
    files: ['**/*.model.ts', 'tests/database/**'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    // The demo LMS's collections are the driver's, without schemas that could fail.
    files: ['src/**/*.ts'],
    ignores: ['src/demo-lms/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "ObjectExpression:has(> Property[key.name='ordered'][value.value=false]):not(:has(> Property[key.name='throwOnValidationError'][value.value=true]))",
          message:
            'Without throwOnValidationError an unordered write drops rows that fail the schema, silently.',
        },
      ],
    },
  },
  {
    files: ['tests/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
