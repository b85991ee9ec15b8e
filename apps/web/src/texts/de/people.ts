import type { Texts } from '../texts.ts';
import { plural } from './plural.ts';

export const people: Texts['people'] = {
  filter: 'status:pending Name…',
  none: 'Noch niemand',
  noneText: 'Ein lokales Konto anlegen oder in den Einstellungen einen Anmeldedienst hinzufügen.',
  name: 'Name',
  displayName: 'Angezeigter Name',
  status: 'Status',
  statuses: { pending: 'wartet', active: 'aktiv', blocked: 'gesperrt' },
  email: 'E-Mail',
  ways: 'Anmeldung mit',
  passwordAndCode: 'Passwort und Code',
  passkeys: (count) => plural(count, 'Passkey', 'Passkeys'),
  lastLogin: 'Letzte Anmeldung',
  groups: 'Gruppen',
  sessions: 'Offene Sitzungen',
  made: 'Angelegt vor',
  madeBy: 'Angelegt von',
  approvedBy: 'Freigegeben von',
  account: 'Konto',
  inAudit: 'Im Audit-Protokoll ansehen',
  create: 'Lokales Konto anlegen',
  creating: (name) => `Konto ${name} anlegen`,
  needsNames: 'Beide Namen werden gebraucht.',
  firstPassword: 'Erstes Passwort',
  newPassword: 'Neues Passwort',
  approve: 'Freigeben',
  approving: (name) => `${name} freigeben`,
  approveText: (displayName, email) =>
    email === ''
      ? `${displayName} kann sich ab jetzt anmelden.`
      : `${displayName} (${email}) kann sich ab jetzt anmelden.`,
  withRole: 'Gleich eine Rolle zuteilen',
  block: 'Sperren',
  blocking: (name) => `${name} sperren`,
  blockText:
    'Alle Sitzungen enden sofort, Tokens gelten nicht mehr, und SSH-Schlüssel verschwinden aus den Instanzen.',
  unblock: 'Entsperren',
  unblocking: (name) => `${name} entsperren`,
  reset: 'Neues Passwort',
  resetting: (name) => `Neues Passwort für ${name}`,
  resetText:
    'Zweiter Faktor, Passkeys und Sitzungen werden ebenfalls entfernt. Das Passwort sollte persönlich übergeben werden.',
  delete: 'Löschen',
  deleting: (name) => `${name} löschen`,
  deleteText:
    'Das Konto wird mit Sitzungen, Tokens, Passkeys, SSH-Schlüsseln und Rollen gelöscht. Instanzen bleiben.',
  whyNot: {
    notPending: 'Das Konto wartet nicht auf Freigabe.',
    self: 'Mit dem eigenen Konto ist das nicht möglich.',
    isBlocked: 'Das Konto ist bereits gesperrt.',
    notBlocked: 'Das Konto ist nicht gesperrt.',
    needsAll: 'Passwörter vergibt nur, wer alle Berechtigungen hat: Damit ließe sich das Konto übernehmen.',
  },
};

export const roles: Texts['roles'] = {
  title: 'Rollen',
  none: 'Keine Rollen',
  noneText: 'Hier ist noch nichts zugeteilt.',
  noMappings:
    'Gruppen eines Anmeldedienstes lassen sich Rollen zuordnen: Wer in einer solchen Gruppe ist, kommt ohne Freigabe mit dieser Rolle hinein.',
  whom: 'Wer',
  kinds: { person: 'Person', group: 'Gruppe', robot: 'Automat' },
  groupHint: 'Name des Anmeldedienstes, Doppelpunkt und die Gruppe, wie sie dort heißt.',
  role: 'Rolle',
  where: 'Wo',
  since: 'Seit',
  places: { fleet: 'Gesamte Flotte', project: 'Projekt', host: 'Host', label: 'Label' },
  names: { viewer: 'Betrachter', operator: 'Operator', admin: 'Admin', auditor: 'Auditor' },
  means: {
    fleet: {
      admin: 'Darf alles.',
      auditor: 'Sieht alles, auch das Audit-Protokoll, und ändert nichts.',
      viewer: '',
      operator: '',
    },
    part: {
      viewer: 'Sieht Instanzen und ihre Vorgänge.',
      operator:
        'Startet und stoppt sie außerdem, sichert Snapshots, öffnet Konsolen und meldet sich per SSH an.',
      admin: 'Legt sie außerdem an, ändert und löscht sie und bestimmt die Mitglieder.',
      auditor: '',
    },
  },
  give: 'Rolle zuteilen',
  giveNow: 'Zuteilen',
  map: 'Gruppe einer Rolle zuordnen',
  take: 'Entziehen',
  taking: (role) => `Entziehen: ${role}`,
  takeText: 'Es gilt ab der nächsten Anfrage; SSH-Schlüssel verschwinden binnen Sekunden aus den Instanzen.',
  takeGroupText: 'Alle, die sie durch diese Gruppe haben, verlieren sie.',
  byGroup: 'Sie kommt von einer Gruppe: dort die Zuordnung ändern.',
  needsWhom: 'Es fehlt, für wen sie gilt.',
  needsPlace: 'Es fehlt, wo sie gilt.',
};

export const keys: Texts['keys'] = {
  title: 'SSH-Schlüssel',
  none: 'Keine SSH-Schlüssel',
  noneText:
    'Schlüssel gelangen in alle laufenden Instanzen, in denen die Person Operator oder Admin ist, und verschwinden wieder daraus.',
  key: 'Schlüssel',
  fingerprint: 'Fingerabdruck',
  source: 'Herkunft',
  byHand: 'von Hand hinzugefügt',
  added: 'Hinzugefügt',
  inStep: (count) => `${plural(count, 'Instanz', 'Instanzen')} auf Stand`,
  pending: (count) =>
    `${plural(count, 'Instanz', 'Instanzen')} ausstehend: gestoppt, nicht erreichbar oder fehlgeschlagen`,
  leaving: (count) =>
    `${plural(count, 'Instanz', 'Instanzen')} noch mit einem Schlüssel, der entfernt werden soll`,
  from: (provider) => `Schlüssel von ${provider}, Stand:`,
  states: {
    failing: (provider) => `${provider} antwortet nicht wie erwartet; die Schlüssel bleiben, wie sie sind`,
    refused: (provider) => `${provider} lässt Longshore die Schlüssel nicht lesen (Scope read_user)`,
    never: (provider) => `Die Schlüssel von ${provider} wurden noch nicht abgefragt`,
  },
  add: 'SSH-Schlüssel hinzufügen',
  paste: 'Öffentlicher Schlüssel',
  pasteHint: 'Die eine Zeile der .pub-Datei, etwa ~/.ssh/id_ed25519.pub.',
  faults: {
    empty: 'Bitte einen öffentlichen Schlüssel einfügen.',
    private:
      'Das ist ein privater Schlüssel. Er darf seinen Rechner nicht verlassen: stattdessen die .pub-Datei einfügen.',
    lines: 'Ein Schlüssel ist genau eine Zeile.',
    options: 'Die Zeile beginnt mit Optionen; nur der Schlüssel selbst wird gebraucht.',
    type: 'Dieser Schlüsseltyp wird nicht angenommen: ed25519, ecdsa, rsa oder ein Sicherheitsschlüssel.',
    broken: 'Der Schlüssel ist abgeschnitten oder verändert: die ganze Zeile kopieren.',
  },
  remove: 'Entfernen',
  removing: (name) => `Schlüssel ${name} entfernen`,
  removeText: 'Er verschwindet aus allen Instanzen: aus laufenden binnen Sekunden, aus anderen bei Rückkehr.',
  providers: 'Er kommt vom Anmeldedienst: dort entfernen.',
};
