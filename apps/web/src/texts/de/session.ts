import type { Texts } from '../texts.ts';

export const login: Texts['login'] = {
  title: 'Anmelden',
  intro: 'Eine private Cloud aus unabhängigen LXD- und Incus-Hosts.',
  with: (provider) => `Mit ${provider} anmelden`,
  or: 'oder mit einem Longshore-Konto',
  name: 'Name',
  password: 'Passwort',
  showPassword: 'Passwort anzeigen',
  submit: 'Anmelden',
  code: 'Code des zweiten Faktors',
  codeHint: 'Aus der Authenticator-App oder einer der Wiederherstellungscodes.',
  byPasskey: 'Mit Passkey anmelden',
  noPasskeys:
    'Für Passkeys braucht es einen Browser, der sie kennt, und eine Adresse mit https oder auf diesem Rechner selbst.',
  passkeyCancelled:
    'Der Passkey wurde nicht benutzt: Er wurde abgelehnt, die Zeit lief ab, oder er passt hier nicht.',
  strangePasskey: 'Der Server fragt auf unbekannte Weise nach einem Passkey. Bitte die Seite neu laden.',
  setUp:
    'Es gibt noch kein Administratorkonto: den Einrichtungslink öffnen, den der Server beim ersten Start ausgegeben hat.',
  withToken: 'Ein Token benutzen',
  tokenSubmit: 'Mit dem Token anmelden',
  token: 'Token',
  show: 'Token anzeigen',
  how: 'Für Automaten und Notfälle. Der erste Start gibt eines aus; weitere entstehen unter „Tokens“ oder mit „longshore token create“. Das Token bleibt nur in diesem Browser-Tab.',
  refused: 'Der Server akzeptiert dieses Token nicht. Es ist abgelaufen, widerrufen oder unvollständig.',
  ended:
    'Die Sitzung ist beendet: Sie ist abgelaufen oder wurde an anderer Stelle beendet. Nach erneuter Anmeldung geht es an derselben Stelle weiter.',
  errors: {
    providerFailed:
      'Der Anmeldedienst antwortet nicht oder nicht wie erwartet. Später erneut versuchen oder mit einem Longshore-Konto anmelden.',
    blocked: 'Dieses Konto ist hier gesperrt. Die Administration kann weiterhelfen.',
    notBegun:
      'Die Anmeldung hat zu lange gedauert oder wurde in einem anderen Browser begonnen. Bitte neu beginnen.',
    tooMany: 'Zu viele Versuche. Bitte etwas warten und erneut versuchen.',
    other: 'Die Anmeldung ist fehlgeschlagen. Bitte erneut versuchen.',
  },
};

export const pending: Texts['pending'] = {
  title: 'Warten auf Freigabe',
  text: (displayName, name) =>
    `Willkommen, ${displayName}. Die Anmeldung als „${name}“ ist erfolgt; die Administration muss das Konto einmalig freigeben.`,
  waits: 'Sobald das geschehen ist, geht es hier von selbst weiter.',
  noRole: 'Noch keine Rolle',
  noRoleText:
    'Die Anmeldung ist erfolgt, aber es ist noch nichts zugeteilt. Die Administration oder die Projektleitung kann das Konto hinzufügen. Das Profil ist zugänglich.',
};

export const password: Texts['password'] = {
  rule: 'Mindestens 12 Zeichen; einige Wörter sind leicht zu merken.',
  missing: (count) => `noch ${count} Zeichen`,
  'too-long': 'Höchstens 256 Zeichen.',
  repeats: 'Es wiederholt sich: leicht zu erraten.',
  known: 'So beginnen viele: leicht zu erraten.',
  'names-you': 'Es enthält den eigenen Namen: leicht zu erraten.',
  fair: 'Ausreichend. Länger ist besser.',
  good: 'Gut.',
};

export const setup: Texts['setup'] = {
  title: 'Longshore einrichten',
  intro: 'Dieser Link richtet einmalig das erste Administratorkonto ein.',
  noCode:
    'Der Code fehlt. Der Link muss so geöffnet werden, wie ihn der Server ausgegeben hat: Der Code steht hinter dem #.',
  name: 'Anmeldename',
  nameHint: 'Kleinbuchstaben, Ziffern, Punkte, Unterstriche und Bindestriche.',
  displayName: 'Angezeigter Name',
  make: 'Konto anlegen',
  other: 'Nur für die Kommandozeile:',
  redeem: 'stattdessen ein Token erzeugen',
  keep: (name) =>
    `Das ist das Token „${name}“. Es sollte jetzt sicher abgelegt werden: Es wird nicht noch einmal angezeigt.`,
  enter: 'Weiter zu Longshore',
};
