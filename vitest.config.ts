import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts', 'test/**/*.{spec,e2e-spec}.ts'],
    setupFiles: ['reflect-metadata'],
    globalSetup: ['src/numeric/linalg/assembly/build.mjs'],
    testTimeout: 30_000,
  },
});
