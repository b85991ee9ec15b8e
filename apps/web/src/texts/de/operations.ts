import type { Texts } from '../texts.ts';
import { plural } from './plural.ts';

export const operations: Texts['operations'] = {
  accepted: 'Angenommen; läuft im Hintergrund.',
  done: 'Erledigt.',
  wasCancelled: 'Abgebrochen.',
  bell: 'Laufende Vorgänge',
  running: (count) =>
    count === 0 ? 'Kein laufender Vorgang' : `${plural(count, 'Vorgang läuft', 'Vorgänge laufen')}`,
  noneRunning: 'Zurzeit läuft nichts.',
  all: 'Alle Vorgänge',
  none: 'Keine Vorgänge',
  noneText: 'Es wurde nichts Passendes angefordert.',
  filter: 'status:failed action:instance.* ziel…',
  offers: { running: 'laufend', moves: 'Verschiebungen', bulk: 'Sammelaktionen' },
  what: 'Vorgang',
  status: 'Status',
  by: 'Angefordert von',
  asked: 'Angefordert',
  took: 'Dauer',
  cause: 'Ursache',
  target: 'Ziel',
  attempts: 'Versuche',
  notStarted: 'nicht begonnen',
  more: 'Mehr anzeigen',
  lately: 'Zuletzt fehlgeschlagen',
  again: 'Erneut ausführen',
  toForm: 'Zum Formular',
  cancel: 'Abbrechen',
  cancelling: (title) => `Abbrechen: ${title}`,
  isCancelling: 'Wird bereits abgebrochen.',
  stepStatus: { running: 'läuft', done: 'erledigt', failed: 'fehlgeschlagen' },
};
