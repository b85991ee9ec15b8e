/** Every call takes these. */
export type CallOptions = {
  /** Ends the call early with an `aborted` error. */
  readonly signal?: AbortSignal | undefined;
  /** Deadline of the whole call in milliseconds; for streams the longest silence. Default: the client's. */
  readonly timeoutMs?: number | undefined;
};

/** For what lives in a project. */
export type ProjectOptions = CallOptions & {
  /** Name of the server's project; default: the server's `default` project. */
  readonly project?: string | undefined;
};

/** For lists over one project or all of them. */
export type ListOptions = ProjectOptions & {
  /** All projects of the server; `project` is ignored then. */
  readonly allProjects?: boolean | undefined;
};

/** A thing read, with the tag that a later conditional update takes. */
export type Tagged<T> = { readonly value: T; readonly etag: string };

/** For changes that must not overwrite somebody else's. */
export type UpdateOptions = ProjectOptions & {
  /** From an earlier read; the change fails with `precondition-failed` when it no longer holds. */
  readonly etag?: string | undefined;
};
