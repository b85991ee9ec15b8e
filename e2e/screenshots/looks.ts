/** Where and how a page is looked at. */
export type Look = Readonly<{
  name: 'light' | 'dark' | 'phone';
  colorScheme: 'light' | 'dark';
  viewport: Readonly<{ width: number; height: number }>;
}>;

export const LOOKS: readonly Look[] = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
];
