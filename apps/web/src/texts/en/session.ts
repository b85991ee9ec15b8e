export const login = {
  title: 'Log in',
  intro: 'One private cloud out of independent LXD and Incus hosts.',
  with: (provider: string) => `Log in with ${provider}`,
  or: 'or with an account of Longshore',
  name: 'Name',
  password: 'Password',
  showPassword: 'Show the password',
  submit: 'Log in',
  code: 'Code of the second factor',
  codeHint: 'From the authenticator app, or one of the recovery codes.',
  byPasskey: 'Log in by passkey',
  noPasskeys: 'Passkeys need a browser that knows them, and an address with https or of this machine itself.',
  passkeyCancelled: 'The passkey was not used: it was declined, took too long, or does not fit here.',
  strangePasskey: 'The server asked for a passkey in an unknown form. Reload the page.',
  setUp: 'There is no administrator yet: open the set-up link that the server printed at its first start.',
  withToken: 'Use a token',
  tokenSubmit: 'Log in with the token',
  token: 'Token',
  show: 'Show the token',
  how: 'For robots and emergencies. The first start prints one; further ones are made under Tokens, or with "longshore token create". It is kept in this tab only.',
  refused: 'The server does not take this token. It may have expired, been revoked, or lack a part.',
  ended: 'Your session has ended: it has expired or was ended elsewhere. Log in to go on where you were.',
  errors: {
    providerFailed:
      'The identity provider does not answer, or not as it should. Try again later, or log in with an account of Longshore.',
    blocked: 'This account is blocked here. Ask an administrator.',
    notBegun: 'The login took too long, or was begun in another browser. Please begin again.',
    tooMany: 'Too many attempts. Wait a little, then try again.',
    other: 'The login failed. Please try again.',
  },
};

export const pending = {
  title: 'Waiting for approval',
  text: (displayName: string, name: string) =>
    `Welcome, ${displayName}. You are logged in as "${name}", and an administrator has to approve you once.`,
  waits: 'This page goes on by itself when that is done.',
  noRole: 'You have no role yet',
  noRoleText:
    'You are logged in, and nothing was given to you. Ask an administrator, or the admin of a project, to add you. Your profile is open to you.',
};

export const password = {
  rule: 'At least 12 characters; a few words are easy to keep in mind.',
  missing: (count: number) => (count === 1 ? '1 character more' : `${count} characters more`),
  'too-long': 'At most 256 characters.',
  repeats: 'It repeats itself: easily guessed.',
  known: 'It begins as many do: easily guessed.',
  'names-you': 'It contains a name of yours: easily guessed.',
  fair: 'Good enough. A longer one is better.',
  good: 'Good.',
};

export const setup = {
  title: 'Set up Longshore',
  intro: 'This link makes the first administrator, once.',
  noCode: 'The code is missing. Open the link as the server printed it: what follows # is the code.',
  name: 'Name to log in with',
  nameHint: 'Lower-case letters, digits, dots, underscores and hyphens.',
  displayName: 'Your name',
  make: 'Make the account',
  other: 'For the command line alone:',
  redeem: 'make a token instead',
  keep: (name: string) => `This is the token "${name}". Keep it now: it is not shown again.`,
  enter: 'Go to Longshore',
};
