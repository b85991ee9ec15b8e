export const shell = {
  overview: 'Overview',
  instances: 'Instances',
  hosts: 'Hosts',
  images: 'Images',
  operations: 'Operations',
  tokens: 'Tokens',
  menu: 'Navigation',
  skip: 'Skip to the content',
  dark: 'Dark colours',
  light: 'Light colours',
  logout: 'Log out',
};
