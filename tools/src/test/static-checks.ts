/** A check of the source as it stands: one command, one verdict. */
export type StaticCheck = Readonly<{ name: string; command: string; args: readonly string[] }>;

/** Types, format and lint, promises and exhaustive switches, direction of imports. */
export const STATIC_CHECKS: readonly StaticCheck[] = [
  { name: 'types', command: 'tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'types of the browser UI', command: 'tsc', args: ['-p', 'apps/web'] },
  { name: 'format, lint, import direction', command: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'typed lint', command: 'oxlint', args: ['--type-aware', '--quiet', '.'] },
];
