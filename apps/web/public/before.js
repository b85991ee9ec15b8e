// Runs before the application. The content security policy forbids eval; without this, the schema library would try it.
globalThis.__zod_globalConfig = { jitless: true };
// The colour scheme is chosen before the first paint, so that a dark page does not flash white.
{
  const kept = localStorage.getItem('mantine-color-scheme-value');
  const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
}
