import { EXIT_CODE_TEXT } from '../exit-codes.ts';

/** Pages of `longshore help TOPIC`; docs/cli.md has them too. */
export const HELP_TOPICS = {
  'exit-codes': {
    title: 'Exit codes',
    text: EXIT_CODE_TEXT.map(([code, text]) => `${String(code).padStart(3)}  ${text}`).join('\n'),
  },
  environment: {
    title: 'Environment and files',
    text: `LONGSHORE_URL        address of the server; wins over the current context
LONGSHORE_TOKEN      token; wins over the context's
LONGSHORE_PROJECT    project to work in; wins over the context's
NO_COLOR             no colours, also on a terminal
XDG_CONFIG_HOME      where contexts are kept (default: ~/.config)
NODE_EXTRA_CA_CERTS  file with certificates of your own authority, for https

Contexts are in $XDG_CONFIG_HOME/longshore/contexts.json, readable by you alone.
--server and --context win over the environment. A context's token is sent to
that context's server only, never to another address.`,
  },
  filters: {
    title: 'Filters',
    text: `A filter is a list of terms with spaces between; all must fit.

  status:running          the field has this value
  name:web*               * stands for anything
  host:a,b                any of several values
  -label:env=test         not
  label:env               has the label, whatever its value
  address:"10.0.0.7"      quotes around what has spaces
  web                     a bare word: part of the name

Each list names its fields in its --help. The server filters, so it is quick
whatever the size of the fleet.`,
  },
  output: {
    title: 'Output',
    text: `Results go to standard output, all else (progress, questions, errors) to standard
error. Tables are for people: they fit the terminal and may change.

  --json, --yaml   the API's own objects, one document; lists are
                   {"items": […], "next": …, "total": …}, with "hosts" by
                   identifier where instances are listed. Errors are problem objects
                   (RFC 9457) on standard error.
  --quiet          names or identifiers, one a line, that this command takes again
  --columns        which columns: name,status or +labels,+created
  --no-header      without titles

All pages are fetched unless --limit says otherwise. Changes wait until they are
done; with --no-wait they print the operation. Ctrl-C ends the waiting, not the
operation.

Where a host is unreachable, the last known state is shown with its age. Control
characters in what hosts and guests call themselves are written out, such as \\x1b.`,
  },
} as const;
export type HelpTopic = keyof typeof HELP_TOPICS;

/** The topic of that name. */
export function helpTopic(name: string): (typeof HELP_TOPICS)[HelpTopic] | undefined {
  return Object.entries(HELP_TOPICS).find(([topic]) => topic === name)?.[1];
}
