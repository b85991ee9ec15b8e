import { isFinal, type LxdEvent } from '@longshore/lxd';

/** What has to be read anew because of an event. */
export type Wanted =
  | {
      readonly kind: 'instance';
      readonly lxdProject: string;
      readonly name: string;
      readonly started: boolean;
    }
  | { readonly kind: 'instances' }
  | { readonly kind: 'facts' };

/** Instance events that change nothing we keep; a console or a copied file must not cost a read. */
const SILENT = /^instance-(?:exec|console|file|log|backup|metadata-retrieved|metadata-template)/;
/** After these a guest gets its addresses, of which LXD sends no event. */
const STARTS = new Set(['instance-started', 'instance-restarted', 'instance-resumed', 'instance-ready']);
/** Things of a host that we list. Volumes, forwards, ACLs, peers and zones are not among them. */
const FACTS = /^(?:profile|project|image|image-alias|network|storage-pool)-[a-z]+$|^config-updated$/;
const UNLISTED = /^image-(?:retrieved|secret)|^network-(?:acl|forward|peer|zone|load)/;

/**
 * What an event makes worth reading. The event itself is never believed: it may be late, and names in it are looked up.
 * Pure. Source: LXD doc/events.md (lifecycle actions).
 */
export function wantedBy(event: LxdEvent): readonly Wanted[] {
  switch (event.type) {
    case 'logging':
      return [];
    case 'operation': {
      const { metadata } = event;
      if (metadata.class !== 'task' || !isFinal(metadata)) return [];
      const urls = [...(metadata.resources?.instances ?? []), ...(metadata.resources?.containers ?? [])];
      return urls.flatMap((url) => instanceAt(url, event.project, false));
    }
    case 'lifecycle': {
      const { action, source } = event.metadata;
      if (action.startsWith('instance-')) {
        return SILENT.test(action) ? [] : instanceAt(source, event.project, STARTS.has(action));
      }
      if (action === 'project-renamed' || action === 'project-deleted') {
        return [{ kind: 'instances' }, { kind: 'facts' }];
      }
      return FACTS.test(action) && !UNLISTED.test(action) ? [{ kind: 'facts' }] : [];
    }
  }
}

/** The instance in `/1.0/instances/NAME[/…][?project=P]`; older servers write `containers` or `virtual-machines`. */
function instanceAt(url: string, project: string, started: boolean): Wanted[] {
  const parsed = URL.parse(url, 'http://host');
  const segment = /^\/1\.0\/(?:instances|containers|virtual-machines)\/([^/]+)/.exec(
    parsed?.pathname ?? '',
  )?.[1];
  if (parsed === null || segment === undefined) return [];
  try {
    const name = decodeURIComponent(segment);
    return [
      {
        kind: 'instance',
        lxdProject: parsed.searchParams.get('project') || project || 'default',
        name,
        started,
      },
    ];
  } catch {
    return [{ kind: 'instances' }]; // a broken escape: something changed, we cannot tell what
  }
}
