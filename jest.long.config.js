import { shared } from './jest.config.js';

/** What takes too long for every change: kills at random moments, cohorts of full size, many browsers. */
export default { ...shared, testMatch: ['<rootDir>/tests/**/*.long.test.ts'], testTimeout: 600_000 };
