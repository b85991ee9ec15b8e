import { type CSSVariablesResolver, createTheme } from '@mantine/core';

/** Mantine with a calm primary colour that is dark enough for white text on it (5.6 : 1). */
export const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 9 },
  autoContrast: true,
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** Mantine's own grey and red texts are below the contrast of 4.5 : 1 that WCAG 2.2 AA asks for. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#4f565d',
    '--mantine-color-placeholder': '#666d75',
    '--mantine-color-error': '#b02525',
    '--mantine-color-anchor': '#0a6577',
    '--longshore-warn': '#8a4b00',
  },
  dark: {
    '--mantine-color-dimmed': '#adb2b8',
    '--mantine-color-placeholder': '#a0a5ab',
    '--mantine-color-error': '#ff9a9a',
    '--mantine-color-anchor': '#66d9e8',
    '--longshore-warn': '#ffc078',
  },
});
