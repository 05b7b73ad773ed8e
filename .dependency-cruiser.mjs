/** The layers of docs/architecture.md: calls go downwards only. Specs may import what they test with. */
const specs = '\\.(spec|e2e-spec|contract)\\.ts$';

/** Where the whole is put together: the server's modules, and what a worker thread can do. */
const roots = '^src/(model-types|worker)\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Modules that import each other cannot be read, or loaded, one at a time.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A module that nothing imports is dead code.',
      from: { orphan: true, pathNot: [specs, '\\.(json|d\\.ts)$'] },
      to: {},
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'numeric-alone',
      severity: 'error',
      comment:
        'src/numeric is pure TypeScript that can be lifted out: no package, no Node.js module, no other folder.',
      from: { path: '^src/numeric/', pathNot: specs },
      to: { pathNot: '^src/numeric/' },
    },
    {
      name: 'common-no-feature',
      severity: 'error',
      comment: 'src/common is what every feature shares: it knows none of them.',
      from: { path: '^src/common/', pathNot: specs },
      to: { path: '^src/', pathNot: '^src/(common|numeric)/' },
    },
    {
      name: 'common-no-numeric',
      severity: 'error',
      comment: "Of src/common, only the media types read and write numeric's Matrix.",
      from: { path: '^src/common/', pathNot: ['^src/common/media/', specs] },
      to: { path: '^src/numeric/' },
    },
    {
      name: 'models-know-no-type',
      severity: 'error',
      comment: 'The registry and the abstract Model know no model type: each registers itself.',
      from: { path: '^src/models/[^/]+\\.ts$', pathNot: specs },
      to: { path: '^src/models/[^/]+/' },
    },
    {
      name: 'types-apart',
      severity: 'error',
      comment: 'One model type does not know another.',
      from: { path: '^src/models/([^/]+)/', pathNot: specs },
      to: { path: '^src/models/[^/]+/', pathNot: '^src/models/$1/' },
    },
    {
      name: 'features-know-no-type',
      severity: 'error',
      comment: 'A controller or a protocol asks what a model supports, never which type it is.',
      from: { path: '^src/', pathNot: ['^src/models/', roots, specs] },
      to: { path: '^src/models/[^/]+/' },
    },
    {
      name: 'models-below-features',
      severity: 'error',
      comment: 'Models are called by the features above them, and call none.',
      from: { path: '^src/models/', pathNot: specs },
      to: { path: '^src/', pathNot: '^src/(models|compute|numeric|common)/' },
    },
    {
      name: 'artifacts-below-jobs',
      severity: 'error',
      comment: 'Files know no job, and nothing else of what uses them.',
      from: { path: '^src/artifacts/', pathNot: specs },
      to: { path: '^src/', pathNot: '^src/(artifacts|common)/' },
    },
    {
      name: 'jobs-know-no-work',
      severity: 'error',
      comment: 'Features register their types of job; what keeps and runs jobs knows none of them.',
      from: { path: '^src/jobs/', pathNot: specs },
      to: { path: '^src/', pathNot: '^src/(jobs|artifacts|common|database)/' },
    },
    {
      name: 'engines-apart',
      severity: 'error',
      comment: 'Jobs know the abstract engine; only what chooses one knows which there are.',
      from: {
        path: '^src/jobs/',
        pathNot: ['^src/jobs/([^/]+)/', '^src/jobs/create-job-engine\\.ts$', specs],
      },
      to: { path: '^src/jobs/embedded/' },
    },
    {
      name: 'compute-below-models',
      severity: 'error',
      comment: 'What computes knows no model: only the numeric core, and the settings.',
      from: { path: '^src/compute/', pathNot: specs },
      to: { path: '^src/', pathNot: '^src/(compute|numeric|common)/' },
    },
    {
      name: 'database-below-features',
      severity: 'error',
      comment: 'What reaches the database knows nothing of what is kept in it.',
      from: { path: '^src/database/', pathNot: specs },
      to: { path: '^src/', pathNot: '^src/(database|common)/' },
    },
    {
      name: 'importers-are-readers',
      severity: 'error',
      comment:
        'The pickle reader reads bytes into values: it knows neither Nest nor what the values are for.',
      from: { path: '^src/models/gpr/importers/pickle/', pathNot: specs },
      to: { path: ['^src/', '^node_modules/'], pathNot: '^src/models/gpr/importers/pickle/' },
    },
    {
      name: 'no-http-below-controllers',
      severity: 'error',
      comment: 'Models speak in domain errors; one filter maps them to HTTP.',
      from: {
        path: '^src/models/',
        pathNot: ['\\.(controller|dto|openapi)\\.ts$', specs],
      },
      to: { path: '^node_modules/(express|@nestjs/(platform-express|swagger)|multer)/' },
    },
    {
      name: 'no-dev-dependency',
      severity: 'error',
      comment: 'What runs in production must be installed there.',
      from: { path: '^src/', pathNot: specs },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^node_modules/@types/',
      },
    },
    {
      name: 'no-spec-imported',
      severity: 'error',
      from: { pathNot: specs },
      to: { path: specs },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript, which is compiled on its own.
    exclude: { path: '^src/numeric/[^/]+/assembly/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    combinedDependencies: false,
  },
};
