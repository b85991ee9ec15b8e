export const login = {
  title: 'Log in',
  intro: 'One private cloud out of independent LXD and Incus hosts.',
  token: 'Token',
  show: 'Show the token',
  submit: 'Log in',
  how: 'The first start printed a set-up link that makes a token. Further ones are made under Tokens, or with "longshore token create". It is kept in this tab only.',
  refused: 'The server does not take this token. It may have expired, been revoked, or lack a part.',
  ended: 'Your session has ended: the token has expired or was revoked. Log in to go on where you were.',
};

export const setup = {
  title: 'Set up Longshore',
  intro: "This link makes an administrator's token, once.",
  noCode: 'The code is missing. Open the link as the server printed it: what follows # is the code.',
  redeem: 'Make the token',
  keep: (name: string) => `This is the token "${name}". Keep it now: it is not shown again.`,
  enter: 'Go to Longshore',
};
