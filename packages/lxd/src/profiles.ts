import { z } from 'zod';
import { type Profile, type ProfileEdit, profileSchema } from './api/profile.ts';
import { apiPath, projectQuery } from './api-path.ts';
import type { ListOptions, ProjectOptions, Tagged, UpdateOptions } from './call-options.ts';
import { changeAndWait, type Operations } from './operations.ts';
import type { Transport } from './transport.ts';

/** Profiles: configuration and devices that instances share. */
export type Profiles = {
  /** `allProjects` needs the extension `profiles_all_projects`. */
  list(options?: ListOptions): Promise<readonly Profile[]>;
  get(name: string, options?: ProjectOptions): Promise<Tagged<Profile>>;
  create(body: ProfileEdit & { readonly name: string }, options?: ProjectOptions): Promise<void>;
  /** Replaces the profile (PUT). */
  update(name: string, body: ProfileEdit, options?: UpdateOptions): Promise<void>;
  rename(name: string, newName: string, options?: ProjectOptions): Promise<void>;
  /** Throws `bad-request` while instances use it. */
  delete(name: string, options?: ProjectOptions): Promise<void>;
};

export function createProfiles(transport: Transport, operations: Operations): Profiles {
  const one = (name: string): string => apiPath`/1.0/profiles/${name}`;
  return {
    list: (options = {}) =>
      transport.get(
        { path: '/1.0/profiles', query: { recursion: 1, ...projectQuery(options) } },
        z.array(profileSchema),
        options,
      ),
    get: (name, options = {}) =>
      transport.getTagged({ path: one(name), query: { project: options.project } }, profileSchema, options),
    create: (body, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'POST', path: '/1.0/profiles', query: { project: options.project }, json: body },
        options,
      ),
    update: (name, body, options = {}) =>
      changeAndWait(
        transport,
        operations,
        {
          method: 'PUT',
          path: one(name),
          query: { project: options.project },
          json: body,
          etag: options.etag,
        },
        options,
      ),
    rename: (name, newName, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'POST', path: one(name), query: { project: options.project }, json: { name: newName } },
        options,
      ),
    delete: (name, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'DELETE', path: one(name), query: { project: options.project } },
        options,
      ),
  };
}
