import type { Texts } from '../texts.ts';

export const tokens: Texts['tokens'] = {
  name: 'Name',
  scopes: 'Berechtigungen',
  made: 'Erzeugt',
  used: 'Zuletzt benutzt',
  expires: 'Läuft ab',
  this: 'das Token dieser Sitzung',
  create: 'Token erzeugen',
  once: 'Jetzt kopieren: Es wird nicht noch einmal angezeigt.',
  needsName: 'Der Zweck fehlt als Name.',
  needsScopes: 'Mindestens eine Berechtigung muss gewählt sein.',
  lifetimes: {
    '7': 'in 7 Tagen',
    '30': 'in 30 Tagen',
    '90': 'in 90 Tagen',
    '365': 'in einem Jahr',
    never: 'nie',
  },
  revoke: 'Widerrufen',
  revoking: (name) => `Token ${name} widerrufen`,
  revokeText: 'Ab dann ist mit diesem Token nichts mehr möglich.',
  revokeOwn: 'Diese Sitzung benutzt das Token: Der Widerruf meldet ab.',
};
