import type { Texts } from '../texts.ts';

export const palette: Texts['palette'] = {
  title: 'Suche und Befehle',
  button: 'Suche',
  ctrl: 'Strg',
  placeholder: 'Ziel oder Aktion …',
  nothing: 'Nichts gefunden.',
  help: 'Alle Tastenkürzel',
  groups: {
    selection: 'Mit der Auswahl',
    commands: 'Befehle',
    pages: 'Seiten',
    instances: 'Instanzen',
    hosts: 'Hosts',
    projects: 'Projekte',
  },
  shortcutsTitle: 'Tastatur',
  shortcuts: {
    palette: 'Suche und Befehle',
    help: 'Diese Hilfe',
    filter: 'Zum Filter einer Liste',
    down: 'Nächste Zeile der Instanzen',
    up: 'Vorherige Zeile',
    choose: 'Zeile auswählen',
    open: 'Zeile öffnen',
    close: 'Schließen',
  },
};
