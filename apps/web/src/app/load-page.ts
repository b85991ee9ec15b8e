/** A change of the machine's networks, or a short break of the line, is over by then. */
const WAITS_MS = [300, 1200] as const;

/**
 * Loads the file of a page, and tries again where the line broke: the router would show the failure until the page is
 * loaded anew.
 */
export async function loadPage<Module>(load: () => Promise<Module>): Promise<Module> {
  for (const waitMs of WAITS_MS) {
    try {
      return await load();
    } catch {
      // Nothing to tell yet: the last attempt below tells what is wrong.
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return load();
}
