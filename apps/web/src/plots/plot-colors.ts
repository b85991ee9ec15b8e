/** Lines of a plot, told apart in light and dark and without seeing red and green. */
export const PLOT_COLORS = ['light-dark(#0b7285, #3bc9db)', 'light-dark(#b35900, #ffa94d)'] as const;
