/** The worker threads' script as `npm run build` makes it: Node cannot start a thread from TypeScript with decorators. */
export const WORKER_ENTRY = new URL('../../dist/worker.js', import.meta.url);
