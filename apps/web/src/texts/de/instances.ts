import type { Texts } from '../texts.ts';
import { plural } from './plural.ts';
import { bulkVerbs, powerVerbs } from './words.ts';

export const instances: Texts['instances'] = {
  none: 'Noch keine Instanz',
  noneText: 'Die erste Instanz erstellen oder einen Host aufnehmen, der schon welche hat.',
  filter: 'status:running host:a web',
  ofTotal: (shown, total) => `${shown.toLocaleString('de')} von ${total.toLocaleString('de')}`,
  columnsButton: 'Spalten',
  columns: {
    name: 'Name',
    status: 'Status',
    host: 'Host',
    type: 'Typ',
    addresses: 'Adressen',
    image: 'Image',
    limits: 'Größe',
    labels: 'Labels',
    project: 'Projekt',
    lxdproject: 'LXD-Projekt',
    snapshots: 'Snapshots',
    created: 'Alter',
    observed: 'Stand',
  },
  actions: 'Aktionen',
  more: 'Mehr',
  choose: (name) => `${name} auswählen`,
  chooseAll: 'Alle Treffer auswählen',
  changing: 'ein Vorgang läuft',
  found: 'gefunden',
  cpus: (cpu) => (/^\d+$/.test(cpu) ? plural(Number(cpu), 'CPU', 'CPUs') : `CPU ${cpu}`),
  open: 'Öffnen',
  placed: 'Grund der Platzierung',
  profiles: 'Profile',
  description: 'Beschreibung',
  protection: 'Geschützt',
  about: 'Angaben',
  own: 'Von Longshore verwaltet',
  change: 'Instanz ändern',
  protect: 'Vor dem Löschen geschützt',
  protectHint: 'Verhindert versehentliches Löschen.',
  hostIs: (host, state) => `Host ${host}: ${state}`,
  lastSeen: (age) => `Zuletzt gesehen: ${age}. Angezeigt wird der damalige Stand.`,
  missing: 'Die Instanz wird vermisst',
  missingText: (host) =>
    `${host} hat sie nicht mehr, und Longshore hat sie nicht gelöscht. Die Ursache lässt sich nur dort klären; Löschen entfernt sie hier aus dem Bestand.`,
  unclaimed: 'Diese Instanz ist nicht übernommen',
  unclaimedHint:
    'Sie wurde auf ihrem Host gefunden. Longshore zeigt sie an und ändert nichts, bis sie übernommen wird.',
  claim: 'Übernehmen',
  tabs: {
    overview: 'Übersicht',
    configuration: 'Konfiguration',
    devices: 'Geräte',
    network: 'Netzwerk',
    snapshots: 'Snapshots',
    exports: 'Exporte',
    logs: 'Protokolle',
    access: 'Zugang',
    operations: 'Vorgänge',
  },
};

const lower = (verb: string) => `${verb.charAt(0).toLowerCase()}${verb.slice(1)}`;

export const power: Texts['power'] = {
  verbs: powerVerbs,
  title: (action, name) => `${name} ${lower(powerVerbs[action])}`,
  ask: (action, name) => `${name} ${lower(powerVerbs[action])}?`,
  askText: 'Das Gastsystem wird gebeten, sich zu beenden, und hat dafür eine Minute Zeit.',
  force: 'Hart ausschalten, statt auf das Gastsystem zu warten',
};

export const bulk: Texts['bulk'] = {
  region: 'Aktionen für die ausgewählten Instanzen',
  verbs: bulkVerbs,
  chosen: (count) => `${count.toLocaleString('de')} ausgewählt`,
  clear: 'Auswahl aufheben',
  some: (verb, count) => `${bulkVerbs[verb]} (${count.toLocaleString('de')})`,
  title: (verb, count) =>
    verb === 'snapshot'
      ? `Snapshot von ${plural(count, 'Instanz', 'Instanzen')} erstellen`
      : `${plural(count, 'Instanz', 'Instanzen')} ${lower(bulkVerbs[verb])}`,
  leftOut: (count, reason) => `${plural(count, 'Instanz', 'Instanzen')} ausgelassen: ${reason}`,
  progress: 'Fortschritt',
  result: (succeeded, failed, total) =>
    `${succeeded} von ${total} erledigt${failed === 0 ? '' : `, ${failed} fehlgeschlagen`}`,
  each: 'Ergebnis je Instanz',
};
