import { z } from 'zod';
import { type Project, projectSchema } from './api/server.ts';
import { apiPath } from './api-path.ts';
import type { CallOptions, Tagged } from './call-options.ts';
import type { Transport } from './transport.ts';

/** The server's own projects. */
export type Projects = {
  list(options?: CallOptions): Promise<readonly Project[]>;
  get(name: string, options?: CallOptions): Promise<Tagged<Project>>;
};

export function createProjects(transport: Transport): Projects {
  return {
    list: (options = {}) =>
      transport.get({ path: '/1.0/projects', query: { recursion: 1 } }, z.array(projectSchema), options),
    get: (name, options = {}) =>
      transport.getTagged({ path: apiPath`/1.0/projects/${name}` }, projectSchema, options),
  };
}
