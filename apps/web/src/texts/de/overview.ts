import type { Texts } from '../texts.ts';
import { plural } from './plural.ts';

export const overview: Texts['overview'] = {
  title: 'Übersicht',
  capacity: 'Auslastung der Hosts',
  memory: 'RAM',
  disk: 'Platte',
  unknownSize: 'nicht bekannt',
  hostLine: (running, total, threads) => `${running} von ${total} laufen, ${plural(threads, 'CPU', 'CPUs')}`,
  showAllHosts: (count) => `Alle ${count} Hosts anzeigen`,
  running: 'Laufende Vorgänge',
  more: (count) => `${count} weitere`,
  attention: 'Handlungsbedarf',
  calm: 'Keiner: Alle Hosts antworten, und nichts ist fehlgeschlagen.',
  hostIs: (state) => `Host ${state}`,
  missing: (count) =>
    `${plural(count, 'Instanz', 'Instanzen')} auf ${count === 1 ? 'dem Host' : 'den Hosts'} nicht mehr vorhanden`,
  unclaimed: (count) => `${plural(count, 'Instanz', 'Instanzen')} auf Hosts gefunden und nicht übernommen`,
};
