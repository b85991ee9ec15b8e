/** Wraps `work` so that a call while it runs makes it run once more afterwards, never twice at a time. */
export function oneAtATime(work: () => Promise<void>, onFailure: (error: unknown) => void): () => void {
  let running = false;
  let again = false;
  const begin = (): void => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    work().then(
      () => {
        running = false;
        if (again) {
          again = false;
          begin();
        }
      },
      (error: unknown) => {
        running = false;
        onFailure(error);
      },
    );
  };
  return begin;
}
