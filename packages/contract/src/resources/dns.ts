import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';

/** A domain name in lower case, without a dot at its end. */
export const DomainName = z
  .string()
  .trim()
  .toLowerCase()
  .transform((name) => name.replace(/\.$/, ''))
  .pipe(
    z
      .string()
      .max(253)
      .regex(
        /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/,
        'write a domain name such as i.example.org',
      ),
  );

/** A zone by name or identifier. */
export const DnsZoneReference = z.string().min(1).max(254);

/** Time to live in seconds (RFC 2181, 8). */
const Ttl = z.int().min(0).max(604_800);

/** A network in CIDR notation. */
const Network = z.union([z.cidrv4(), z.cidrv6()], { error: 'write a network such as 10.0.0.0/8' });

/** An address, and a port where it is not 53: `192.0.2.5`, `192.0.2.5:5353`, `[2001:db8::5]:53`. */
const Endpoint = z
  .string()
  .max(64)
  .regex(
    /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|\[[0-9a-fA-F:.]{2,45}\]:\d{1,5}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/,
    'write an address, and a port where it is not 53, such as 192.0.2.5:5353 or [2001:db8::5]:53',
  )
  .refine((text) => {
    const [, host = text, port = '53'] = /^\[(.+)\]:(\d+)$/.exec(text) ?? /^([\d.]+):(\d+)$/.exec(text) ?? [];
    const isAddress = z.ipv4().safeParse(host).success || z.ipv6().safeParse(host).success;
    return isAddress && Number(port) > 0 && Number(port) <= 65_535;
  }, 'that is no address, or no port');

const settings = {
  ttlSeconds: Ttl.describe('Of all records that say nothing else, and of what is not there.'),
  visible: z
    .enum(['all', 'public'])
    .describe('`public`: only addresses that the Internet routes; private ones are not answered.'),
  networks: z.array(Network).max(64).describe('Only addresses of these are answered; none: of any.'),
  keepStopped: z.boolean().describe('Names of stopped instances go on resolving to what they had.'),
  nameServers: z
    .array(DomainName)
    .min(1)
    .max(13)
    .describe('Names of the servers that answer for the zone; the first is its primary.'),
  contact: z
    .email()
    .max(180)
    .regex(/^[^@]{1,63}@(?:[^.]{1,63}\.)*[^.]{1,63}$/, 'its parts may have 63 characters')
    .describe('Who answers for it, as a mail address.'),
  secondaries: z
    .array(Endpoint)
    .max(32)
    .describe('Servers that are told of each new version (NOTIFY); they fetch it by a key.'),
};

/** A zone that Longshore answers for. */
export const DnsZone = z
  .object({
    id: Id,
    name: z.string(),
    prefix: z.string().nullable().describe('The network of a reverse zone.'),
    parentId: Id.nullable().describe(
      'Of a project’s zone: the zone that it is below, whose settings it has.',
    ),
    projectId: Id.nullable().describe('The project whose instances are named here; null: those of none.'),
    ...settings,
    serial: z.int().describe('Its version, as the SOA record tells it.'),
    records: z.int().describe('How many records are answered.'),
    createdAt: Timestamp,
    createdBy: z.string(),
    revision: z.int(),
  })
  .meta({ id: 'DnsZone' });
export type DnsZone = z.infer<typeof DnsZone>;

export const DnsZoneCreation = z
  .strictObject({
    name: z
      .union([DomainName.pipe(z.string().max(180)), Network])
      .describe('A domain name, or a network such as 10.0.3.0/24 for its reverse zone.'),
    nameServers: settings.nameServers,
    contact: settings.contact.optional().describe('Default: hostmaster@ the zone’s name.'),
    ttlSeconds: settings.ttlSeconds.default(60),
    visible: settings.visible.default('all'),
    networks: settings.networks.default([]),
    keepStopped: settings.keepStopped.default(false),
    secondaries: settings.secondaries.default([]),
  })
  .meta({ id: 'DnsZoneCreation' });
export type DnsZoneCreation = z.infer<typeof DnsZoneCreation>;

export const DnsZonePatch = z
  .strictObject(settings)
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field')
  .meta({ id: 'DnsZonePatch' });
export type DnsZonePatch = z.infer<typeof DnsZonePatch>;

export const DNS_RECORD_TYPES = [
  'A',
  'AAAA',
  'CAA',
  'CNAME',
  'HTTPS',
  'MX',
  'NS',
  'PTR',
  'SRV',
  'SSHFP',
  'TXT',
] as const;

/** Types of records that people write. */
export const DnsRecordType = z.enum(DNS_RECORD_TYPES).meta({ id: 'DnsRecordType' });
export type DnsRecordType = z.infer<typeof DnsRecordType>;

/** Labels before the zone's name; `@` for the zone itself. */
const Owner = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(
    /^(?:@|(?:\*|[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*)$/,
    'write the labels before the zone, such as www, *.apps, or @ for the zone itself',
  );

/** A record that a person wrote. */
export const DnsRecord = z
  .object({
    id: Id,
    zoneId: Id,
    name: z.string().describe('Labels before the zone’s name; `@` for the zone itself.'),
    fullName: z.string(),
    type: DnsRecordType,
    ttlSeconds: Ttl.nullable().describe('Null: the zone’s.'),
    value: z.string(),
    published: z
      .boolean()
      .describe(
        'False while an instance has the name, or something else stands beside a CNAME; see explain.',
      ),
    createdAt: Timestamp,
    createdBy: z.string(),
    revision: z.int(),
  })
  .meta({ id: 'DnsRecord' });
export type DnsRecord = z.infer<typeof DnsRecord>;

export const DnsRecordCreation = z
  .strictObject({
    name: Owner,
    type: DnsRecordType,
    value: z
      .string()
      .trim()
      .min(1)
      .max(4096)
      .describe(
        'As zone files have it, such as `10 mail.example.org.`; names are whole, with or without a dot.',
      ),
    ttlSeconds: Ttl.nullable().default(null),
  })
  .meta({ id: 'DnsRecordCreation' });
export type DnsRecordCreation = z.infer<typeof DnsRecordCreation>;

export const DnsRecordPatch = z
  .strictObject({ value: DnsRecordCreation.shape.value, ttlSeconds: Ttl.nullable() })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field')
  .meta({ id: 'DnsRecordPatch' });
export type DnsRecordPatch = z.infer<typeof DnsRecordPatch>;

/** Name of a key: a domain name, as both sides write it into their configuration. */
const KeyName = DomainName;

/** A key by which other servers fetch zones (TSIG). */
export const DnsKey = z
  .object({
    id: Id,
    name: z.string(),
    zoneId: Id.nullable().describe('The zone that it is for, with those below it; null: all.'),
    createdAt: Timestamp,
    createdBy: z.string(),
  })
  .meta({ id: 'DnsKey' });
export type DnsKey = z.infer<typeof DnsKey>;

export const DnsKeyCreation = z
  .strictObject({
    name: KeyName,
    zone: DnsZoneReference.nullable().default(null).describe('Null: all zones.'),
  })
  .meta({ id: 'DnsKeyCreation' });
export type DnsKeyCreation = z.infer<typeof DnsKeyCreation>;

/** A new key; its secret is told this once. */
export const NewDnsKey = DnsKey.extend({
  algorithm: z.literal('hmac-sha256'),
  secret: z.string().describe('Base64.'),
}).meta({ id: 'NewDnsKey' });
export type NewDnsKey = z.infer<typeof NewDnsKey>;

/** A record that is answered, and where it comes from. */
export const DnsName = z
  .object({
    name: z.string().describe('The whole name.'),
    zoneId: Id,
    type: z.string(),
    ttlSeconds: z.int(),
    value: z.string(),
    source: z.object({
      kind: z.enum(['zone', 'instance', 'record']),
      id: Id,
      name: z.string().nullable().describe('Of the instance.'),
    }),
  })
  .meta({ id: 'DnsName' });
export type DnsName = z.infer<typeof DnsName>;

/** What is answered to a question, and why. */
export const DnsExplanation = z
  .object({
    name: z.string(),
    type: z.string(),
    outcome: z.enum(['answered', 'alias', 'no-such-type', 'no-such-name', 'delegated', 'not-ours']),
    zone: z.string().nullable(),
    records: z.array(DnsName),
    reasons: z.array(z.string()).describe('What was found on the way, in order.'),
  })
  .meta({ id: 'DnsExplanation' });
export type DnsExplanation = z.infer<typeof DnsExplanation>;

/** What the zone above has to say, so that the world finds a zone. */
export const DnsDelegation = z
  .object({
    zone: z.string(),
    parentIsOurs: z.boolean().describe('The zone above is ours as well, and says it already.'),
    records: z
      .array(z.object({ name: z.string(), type: z.string(), value: z.string() }))
      .describe('NS records, and the addresses of name servers that lie in the zone itself.'),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'DnsDelegation' });
export type DnsDelegation = z.infer<typeof DnsDelegation>;
