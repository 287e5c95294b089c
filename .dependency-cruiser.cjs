/** The house's rules (docs/decisions/0001-the-house.md), held in CI. */
const upstairs = ['course', 'formation', 'group', 'grades', 'works', 'care'];
const ground = ['database', 'lti', 'web', 'jobs', 'notices', 'demo-lms'];
const suffixed = '\\.(router|page|store|model|job|worker|child)\\.ts$';
// Rooms are assembled in room.ts; the engine's threads are started by run.ts, crew.ts and thread.ts.
const assembling = ['/(room|index)\\.ts$', '^src/formation/engine/(run|crew|thread)\\.ts$'];
const any = (names) => `^src/(${names.join('|')})/`;

const oneWay = upstairs.slice(0, -1).map((room, index) => ({
  name: `one-way-${room}`,
  comment: 'Upstairs, imports go one way only: course <- formation <- group <- grades <- works <- care.',
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: any(upstairs.slice(index + 1)) },
}));

module.exports = {
  forbidden: [
    ...oneWay,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'ground-imports-nothing-from-upstairs',
      severity: 'error',
      from: { path: any(ground) },
      to: { path: any(upstairs) },
    },
    {
      name: 'only-lti-imports-ltijs',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/lti/' },
      to: { path: 'node_modules/ltijs/' },
    },
    {
      name: 'only-models-and-database-import-mongoose',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.model\\.ts$', '^src/database/'] },
      to: { path: 'node_modules/(mongoose|mongodb)/' },
    },
    {
      name: 'only-the-web-edge-imports-express',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['\\.router\\.ts$', '^src/web/', '^src/app\\.ts$', '^src/lti/', '^src/demo-lms/'],
      },
      to: { path: 'node_modules/(express|@types/express)/' },
    },
    {
      name: 'a-model-is-private-to-its-folder',
      severity: 'error',
      from: { path: '^src/(.+)/[^/]+$' },
      to: { path: '\\.model\\.ts$', pathNot: '^src/$1/' },
    },
    {
      name: 'plain-files-upstairs-are-pure',
      comment: 'A file without a suffix upstairs is domain code: its like, types and pure libraries.',
      severity: 'error',
      from: { path: any(upstairs), pathNot: [suffixed, ...assembling] },
      to: {
        pathNot: [
          any(upstairs),
          // Hashing is as pure as adding.
          '^(node:)?crypto$',
          '^src/(errors|scope)\\.ts$',
          'node_modules/(luxon|@types/luxon|zod|csv-parse|csv-stringify|highs)/',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'plain-files-upstairs-import-only-their-like',
      severity: 'error',
      from: { path: any(upstairs), pathNot: [suffixed, ...assembling] },
      to: { path: `${any(upstairs)}.*${suffixed}`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'scopes-are-made-in-few-places',
      comment:
        'Sessions, launches, records of courses and jobs make a CourseScope; all others are given one.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/web/session\\.ts$',
          '^src/course/(courses|copies)/(launches|courses|copies)\\.store\\.ts$',
          '^src/jobs/perform\\.ts$',
        ],
      },
      to: { path: '^src/scope\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'demo-lms-serves-the-demo-and-tests-alone',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/demo-lms/', '^src/cli'] },
      to: { path: '^src/demo-lms/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['\\.d\\.ts$'] },
      to: {},
    },
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
