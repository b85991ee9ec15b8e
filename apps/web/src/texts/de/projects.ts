import type { Texts } from '../texts.ts';
import { plural } from './plural.ts';

export const projects: Texts['projects'] = {
  filter: 'Name…',
  none: 'Keine Projekte',
  noneText:
    'Ein Projekt ist ein Anteil an der Flotte: Mitglieder, Kontingente und Instanzen, auf welchen Hosts auch immer.',
  create: 'Projekt anlegen',
  creating: (name) => `Projekt ${name} anlegen`,
  name: 'Name',
  nameHint: 'Kleinbuchstaben, Ziffern und Bindestriche.',
  needsName: 'Der Name des Projekts fehlt.',
  cpu: 'CPUs',
  full: 'ausgeschöpft',
  noLimit: 'unbegrenzt',
  fields: {
    instances: 'Höchstens Instanzen',
    cpu: 'Höchstens CPUs',
    memoryGib: 'Höchstens Arbeitsspeicher',
    diskGib: 'Höchstens Plattenplatz',
    defaultDays: 'Lebensdauer neuer Instanzen in Tagen',
    maxDays: 'Längste Lebensdauer in Tagen',
  },
  forEver: 'unbegrenzt',
  instances: (count) => plural(count, 'Instanz', 'Instanzen'),
  counted: 'Summe über alle Hosts. Wo es ein Kontingent gibt, braucht jede Instanz eine Grenze dieser Art.',
  unlimited: (count) =>
    `${plural(count, 'Instanz', 'Instanzen')} ohne Grenze für CPU, Arbeitsspeicher oder Platte: nicht in den Summen.`,
  members: 'Mitglieder',
  noMembers: 'Keine Mitglieder',
  noMembersText: 'Personen hinzufügen oder Gruppen eines Anmeldedienstes.',
  add: 'Mitglied hinzufügen',
  adding: (name, project) => `${name} zu ${project} hinzufügen`,
  personHint: 'Der Anmeldename der Person.',
  roleOf: (name) => `Rolle von ${name}`,
  changing: (name, role) => `${name} wird ${role}`,
  removing: (name, project) => `${name} aus ${project} entfernen`,
  robots: 'Automaten',
  revokeText: (project) =>
    `Die Rolle in ${project} endet sofort; ein Token ohne weitere Rolle wird widerrufen.`,
  saving: (name) => `Projekt ${name} ändern`,
  quotaHint:
    'Ein Kontingent unter der jetzigen Nutzung beendet nichts; es lässt nur nichts mehr hinzukommen.',
  loginUsers: 'Konten für SSH-Schlüssel',
  loginUsersText: 'Schlüssel von Operatoren und Admins kommen in diese Konten der Instanzen.',
  usersDefault: 'root und Benutzer des Images',
  usersOwn: 'Diese',
  users: 'Konten',
  usersHint: 'Keine: gar keine Schlüssel.',
  notEmpty: (count) => `Es hat noch ${plural(count, 'Instanz', 'Instanzen')}.`,
  deleting: (name) => `Projekt ${name} löschen`,
  deleteText:
    'Nur ein leeres Projekt lässt sich löschen. Mitgliedschaften und Rollen von Automaten darin entfallen mit ihm.',
};
