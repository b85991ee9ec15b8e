// Runs before the application. The content security policy forbids eval; without this, the schema library would try it.
globalThis.__zod_globalConfig = { jitless: true };
// The colour scheme is chosen before the first paint, so that a dark page does not flash white.
{
  const kept = localStorage.getItem('mantine-color-scheme-value');
  const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
}
// The texts of the page are a file of their own for each language. Which one is decided as src/texts/language.ts does.
{
  const files = document.currentScript.dataset;
  const kept = localStorage.getItem('longshore.language');
  const wished = navigator.languages.map((tag) => tag.toLowerCase().split('-')[0]);
  const file = files[kept] ?? files[wished.find((tag) => tag in files)] ?? files.en;
  if (file !== undefined) {
    const link = document.createElement('link');
    link.rel = 'modulepreload';
    link.crossOrigin = '';
    link.href = file;
    document.head.append(link);
  }
}
