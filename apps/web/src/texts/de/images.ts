import type { Texts } from '../texts.ts';

export const images: Texts['images'] = {
  none: 'Keine Images',
  noneText: 'Kein Host der Flotte hat ein Image. Von einem Image-Server lässt sich eines holen.',
  filter: 'alias:debian* host:a beschreibung…',
  description: 'Beschreibung',
  aliases: 'Aliasse',
  fingerprint: 'Fingerabdruck',
  type: 'Typ',
  fetch: 'Image holen',
  copy: 'Kopieren',
  copyTo: (name) => `${name} auf Hosts kopieren`,
  toHosts: 'Zielhosts',
  everywhere: 'Alle Hosts haben es bereits.',
  needsHosts: 'Mindestens ein Host muss gewählt sein.',
  needsName: 'Der Name des Images fehlt.',
  remove: 'Entfernen',
  removing: (name) => `${name} entfernen`,
  removeText: (hosts) =>
    `Das Image wird von allen Hosts entfernt, die es haben: ${hosts}. Daraus erstellte Instanzen bleiben bestehen.`,
};
