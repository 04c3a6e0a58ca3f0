import tseslint from 'typescript-eslint';

/** What the compiler does not see: floating promises, `any`, `!`, and drivers used outside their room. */
export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'test/clients/**', 'src/platform/database/generated/**', '.gt/**', 'coverage/**'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'prisma/*.ts'],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
);
