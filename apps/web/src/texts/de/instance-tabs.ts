import type { Texts } from '../texts.ts';

export const logs: Texts['logs'] = {
  none: 'Keine Protokolle',
  noneText: 'Der Host führt für diese Instanz kein Protokoll.',
  file: 'Protokoll',
  console: 'Konsole des Gastsystems',
  follow: 'Mitlaufen',
  more: 'Mehr davon anzeigen',
  end: (size) => `Die letzten ${size}`,
  whole: 'Vollständig',
  download: 'Herunterladen',
  empty: 'Das Protokoll ist leer.',
  text: (name) => `Text von ${name}`,
};

export const access: Texts['access'] = {
  mine: 'Eigene Berechtigungen',
  nothing: 'Nur ansehen.',
  verbs: {
    'instances:read': 'ansehen',
    'instances:operate': 'ein- und ausschalten, Snapshots erstellen und wiederherstellen, Protokolle lesen',
    'instances:write': 'konfigurieren, verschieben und kopieren',
    'instances:delete': 'löschen',
    'consoles:open': 'Konsole öffnen',
  },
  members: (project) => `Mitglieder des Projekts ${project}`,
  noProject:
    'Die Instanz gehört zu keinem Projekt: Es zählen nur Rollen auf der Flotte, auf dem Host oder auf Labels.',
  who: 'Wer',
  role: 'Rolle',
  where: 'Wo',
  group: 'Gruppe',
  keys: 'SSH-Schlüssel',
  keysText:
    'Wer die Instanz bedienen darf, meldet sich mit dem eigenen Schlüssel an; Longshore bringt die Schlüssel hin und entfernt sie wieder.',
  accounts: 'Konten im Gastsystem',
  account: 'Konto',
  state: 'Status',
  states: {
    in_step: 'aktuell',
    pending: 'ausstehend',
    unreachable: 'nicht erreichbar',
    failed: 'fehlgeschlagen',
    no_user: 'Konto fehlt',
    leaving: 'wird entfernt',
  },
  reason: 'Grund',
  checked: 'Geprüft',
  noAccounts: 'Kein Konto dieser Instanz erhält Schlüssel.',
  noKeys: 'Niemand mit Zugang hat einen Schlüssel hinterlegt.',
  person: 'Person',
  key: 'Schlüssel',
  fingerprint: 'Fingerabdruck',
  accountsOf: 'In Konten',
  hostKeys: 'SSH-Hostschlüssel',
  hostKeysText:
    'Damit weist sich die Instanz bei der ersten Anmeldung aus. Der Wert muss mit der Anzeige von ssh übereinstimmen.',
  noHostKeys: 'Longshore verwahrt keine für diese Instanz.',
  rotate: 'Neue erzeugen',
  rotating: (name) => `Neue SSH-Hostschlüssel für ${name}`,
  rotateText:
    'Wer sich schon einmal angemeldet hat, wird vor einem geänderten Host gewarnt, bis die neue known_hosts übernommen ist.',
  adopt: 'Die des Gastsystems übernehmen',
  adopting: (name) => `SSH-Hostschlüssel von ${name} übernehmen`,
  origins: { made: 'von Longshore erzeugt', imported: 'importiert' },
};
