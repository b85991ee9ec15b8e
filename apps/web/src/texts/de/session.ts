import type { Texts } from '../texts.ts';

export const login: Texts['login'] = {
  title: 'Anmelden',
  intro: 'Eine private Cloud aus unabhängigen LXD- und Incus-Hosts.',
  token: 'Token',
  show: 'Token anzeigen',
  submit: 'Anmelden',
  how: 'Beim ersten Start wird ein Einrichtungslink ausgegeben, der ein Token erzeugt. Weitere entstehen unter „Tokens“ oder mit „longshore token create“. Das Token bleibt nur in diesem Browser-Tab.',
  refused: 'Der Server akzeptiert dieses Token nicht. Es ist abgelaufen, widerrufen oder unvollständig.',
  ended:
    'Die Sitzung ist beendet: Das Token ist abgelaufen oder wurde widerrufen. Nach erneuter Anmeldung geht es an derselben Stelle weiter.',
};

export const setup: Texts['setup'] = {
  title: 'Longshore einrichten',
  intro: 'Dieser Link erzeugt einmalig ein Token mit Administratorrechten.',
  noCode:
    'Der Code fehlt. Der Link muss so geöffnet werden, wie ihn der Server ausgegeben hat: Der Code steht hinter dem #.',
  redeem: 'Token erzeugen',
  keep: (name) =>
    `Das ist das Token „${name}“. Es sollte jetzt sicher abgelegt werden: Es wird nicht noch einmal angezeigt.`,
  enter: 'Weiter zu Longshore',
};
