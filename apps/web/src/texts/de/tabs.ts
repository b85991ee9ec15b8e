import type { Texts } from '../texts.ts';

export const configuration: Texts['configuration'] = {
  title: (name) => `${name} konfigurieren`,
  view: 'Formular oder YAML',
  form: 'Formular',
  yaml: 'Konfiguration als YAML',
  key: 'Schlüssel',
  value: 'Wert',
  newKey: 'Neuer Schlüssel',
  add: 'Hinzufügen',
  remove: (key) => `${key} entfernen`,
  manyLines: (count) => `${count} Zeilen; nur als YAML änderbar`,
  save: 'Speichern',
  discard: 'Verwerfen',
  reload: 'Inzwischen geändert: neuen Stand anzeigen',
  unchanged: 'Es wurde nichts geändert.',
  unknownKey: (key) => `Das Feld „${key}“ gibt es nicht; möglich sind description, profiles und config.`,
  notTexts: 'Jeder Wert unter config muss ein Text, eine Zahl oder ein Wahrheitswert sein.',
  notProfiles: 'profiles muss eine Liste von Namen sein.',
  notDevice: (name) => `Das Gerät „${name}“ braucht Optionen wie type: disk.`,
  notRecord: 'Erwartet werden Schlüssel und Werte wie description: Text.',
};

export const devices: Texts['devices'] = {
  title: (name) => `Geräte von ${name}`,
  text: 'Das sind die eigenen Geräte der Instanz; ihre Profile auf dem Host ergänzen weitere.',
  name: 'Gerät',
  type: 'Typ',
  options: 'Optionen',
  edit: 'Geräte bearbeiten',
  yaml: 'Geräte als YAML',
};

export const network: Texts['network'] = {
  none: 'Keine Adressen',
  noneText: 'Das Gastsystem hat keine, läuft nicht, oder der Host teilt sie nicht mit.',
  device: 'Schnittstelle',
  address: 'Adresse',
  family: 'Familie',
  scope: 'Bereich',
  families: { ipv4: 'IPv4', ipv6: 'IPv6' },
  scopes: { global: 'global', link: 'Link', local: 'lokal' },
};

export const snapshots: Texts['snapshots'] = {
  name: 'Name des Snapshots',
  needsName: 'Der Name fehlt.',
  stateful: 'Mit Arbeitsspeicher',
  create: 'Snapshot erstellen',
  of: (name) => `Snapshot von ${name} erstellen`,
  take: (instance, name) => `Snapshot ${name} von ${instance} erstellen`,
  none: 'Keine Snapshots',
  noneText: 'Ein Snapshot ist der Stand, zu dem sich zurückkehren lässt, wenn etwas schiefgeht.',
  age: 'Alter',
  expires: 'Läuft ab',
  restore: 'Wiederherstellen',
  restoring: (instance, name) => `${instance} auf ${name} zurücksetzen`,
  restoreText: 'Alle Änderungen seit diesem Stand gehen verloren.',
  delete: 'Löschen',
  deleting: (instance, name) => `Snapshot ${name} von ${instance} löschen`,
  deleteText: 'Er lässt sich nicht zurückholen.',
};

export const exports: Texts['exports'] = {
  create: 'Exportieren',
  making: (name) => `${name} exportieren`,
  text: 'Longshore bewahrt die Datei einen Tag lang auf.',
  none: 'Keine Exporte',
  noneText:
    'Ein Export ist eine Datei mit der gesamten Instanz, die sich andernorts aufbewahren oder wieder importieren lässt.',
  size: 'Größe',
  download: 'Herunterladen',
  delete: 'Löschen',
};

export const rename: Texts['rename'] = {
  title: 'Umbenennen',
  of: (name) => `${name} umbenennen`,
  text: 'Nur eine gestoppte Instanz lässt sich umbenennen.',
  name: 'Neuer Name',
  needsName: 'Der neue Name fehlt.',
  doing: (from, to) => `${from} in ${to} umbenennen`,
};

export const move: Texts['move'] = {
  title: 'Verschieben',
  text: 'Auf einen anderen Host, samt Snapshots. Eine laufende Instanz wird dafür gestoppt und dort wieder gestartet.',
  to: 'Zielhost',
  ask: (name) => `${name} verschieben?`,
  askText: 'Während des Verschiebens läuft die Instanz nicht. Schlägt etwas fehl, bleibt sie, wo sie ist.',
  doing: (name) => `${name} verschieben`,
};

export const copying: Texts['copying'] = {
  title: 'Kopieren',
  of: (name) => `${name} kopieren`,
  text: 'Eine zweite Instanz aus dem jetzigen Stand dieser Instanz.',
  name: 'Name der Kopie',
  doing: (from, to) => `${from} nach ${to} kopieren`,
};

export const remove: Texts['remove'] = {
  section: 'Löschen',
  title: (name) => `${name} löschen`,
  text: 'Die Instanz, ihre Daten und ihre Snapshots werden vom Host gelöscht. Das lässt sich nicht rückgängig machen.',
  forget: (name) => `${name} vergessen`,
  forgetText: 'Der Host hat die Instanz nicht mehr; gelöscht wird nur, was Longshore über sie weiß.',
  confirm: 'Löschen',
  force: 'Auch wenn sie läuft: hart ausschalten',
};
