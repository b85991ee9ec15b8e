import type { ColumnType } from '@longshore/store';

/** Images that each host has: observed only, written by sync. */
export interface HostImagesTable {
  readonly host_id: string;
  readonly lxd_project: string;
  readonly fingerprint: string;
  readonly description: string;
  readonly type: 'container' | 'virtual-machine';
  readonly architecture: string;
  readonly size_bytes: number;
  readonly aliases: ColumnType<string[], string | undefined, string>;
  readonly created_at: Date | null;
  readonly observed_at: Date;
}

declare module '@longshore/store' {
  interface Database {
    host_images: HostImagesTable;
  }
}
