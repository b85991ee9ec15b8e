import type { Texts } from '../texts.ts';

export const shell: Texts['shell'] = {
  overview: 'Übersicht',
  instances: 'Instanzen',
  hosts: 'Hosts',
  images: 'Images',
  operations: 'Vorgänge',
  tokens: 'Tokens',
  people: 'Personen',
  projects: 'Projekte',
  audit: 'Audit-Protokoll',
  settings: 'Einstellungen',
  menu: 'Navigation',
  skip: 'Zum Inhalt springen',
  dark: 'Dunkle Darstellung',
  light: 'Helle Darstellung',
  logout: 'Abmelden',
};
