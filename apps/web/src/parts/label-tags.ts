import { Labels } from '@longshore/contract';

/** Labels as `key=value` words, in order. */
export function tagsOfLabels(labels: Labels): readonly string[] {
  return Object.entries(labels)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .sort();
}

/** The labels that the words mean, or what is wrong with them. A word without `=` is a label without a value. */
export function labelsOfTags(tags: readonly string[]): Readonly<{ labels: Labels; error: string | null }> {
  const labels = Object.fromEntries(
    tags.map((tag) => {
      const at = tag.indexOf('=');
      return at === -1 ? [tag, ''] : [tag.slice(0, at), tag.slice(at + 1)];
    }),
  );
  const parsed = Labels.safeParse(labels);
  const issue = parsed.error?.issues[0];
  if (issue === undefined) return { labels, error: null };
  const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  return { labels, error: `${issue.path.join('.')}: ${inner ?? issue.message}` };
}
