/**
 * Entry of the server program. First of all it turns the compile cache on
 * (https://nodejs.org/api/module.html#module-compile-cache): the program is TypeScript, and without the cache every start
 * strips and compiles some thousand files again, which costs a second and 25 MiB that never come back. The folder is the
 * system's temporary one, or NODE_COMPILE_CACHE; where it cannot be written, Node goes on without.
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./program.ts');
