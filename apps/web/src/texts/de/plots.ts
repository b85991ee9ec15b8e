import type { Texts } from '../texts.ts';
import { plural } from './plural.ts';

export const plots: Texts['plots'] = {
  use: 'Aktuelle Auslastung',
  history: 'Auslastung im Zeitverlauf',
  fleet: 'Auslastung der Flotte',
  cpu: 'CPU',
  memory: 'Arbeitsspeicher',
  disk: 'Platte',
  network: 'Netzwerk',
  used: 'belegt',
  received: 'ein',
  sent: 'aus',
  unknown: 'nicht bekannt',
  perSecond: (size) => `${size}/s`,
  memoryShare: (percent) => `${Math.round(percent)} % des Arbeitsspeichers sind belegt.`,
  processes: (count) => plural(count, 'Prozess', 'Prozesse'),
  waiting: 'Der Host wird gefragt …',
  notUp: 'Die Instanz läuft nicht und belegt daher nur Plattenplatz.',
  hostSilent: (host) => `${host} antwortet nicht; über die aktuelle Auslastung ist nichts bekannt.`,
  none: 'In diesem Zeitraum wurde noch nichts gemessen. Jede Minute kommt ein Wert hinzu.',
  range: 'Zeitraum',
  ranges: { hour: 'Stunde', day: 'Tag', month: '30 Tage' },
};
