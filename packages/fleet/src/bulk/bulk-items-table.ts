/** Table `bulk_items`: instances of a bulk operation whose own operation is still to be accepted. */
export interface BulkItemsTable {
  readonly operation_id: string;
  readonly position: number;
  readonly instance_id: string;
  readonly host_id: string;
}

declare module '@longshore/store' {
  interface Database {
    bulk_items: BulkItemsTable;
  }
}
