import { type Page, pageOf } from './page.ts';

/**
 * The page where a person approves the login of a program, `/device#CODE`; who is not logged in does so here first. The
 * code stands behind the hash, which browsers never send.
 */
export function devicePage(): Page {
  return pageOf(
    'Longshore: login of a program',
    `<h1>Longshore</h1>
<p id="text" role="status">A program wants to act as you.</p>
<form id="login" hidden>
<p><label>Name<br><input id="name" autocomplete="username" required></label></p>
<p><label>Password<br><input id="password" type="password" autocomplete="current-password" required></label></p>
<p id="second" hidden><label>Code of the second factor<br><input id="factor" autocomplete="one-time-code"></label></p>
<p><button>Log in</button> <span id="providers"></span></p>
</form>
<form id="approve" hidden>
<p><label>Code that the program shows<br><input id="code" autocomplete="off" required></label></p>
<p><button id="go">Look it up</button></p>
</form>`,
    `
const at = (id) => document.getElementById(id);
const show = (id) => { for (const each of ['login', 'approve']) at(each).hidden = each !== id; };
const say = (text) => { at('text').textContent = text; };
const here = () => '/device' + location.hash;
let found = null;
async function ask(method, path, body) {
  const headers = { 'x-longshore-csrf': '1' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  try {
    const reply = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await reply.text();
    return { ok: reply.ok, value: text === '' ? null : JSON.parse(text) };
  } catch (error) {
    return { ok: false, value: { code: 'unavailable', detail: 'The server cannot be reached: ' + error.message } };
  }
}
const complain = ({ value }) => say([value.detail, value.hint].filter(Boolean).join(' '));
async function begin() {
  const me = await ask('GET', '/v1/me');
  if (me.ok) {
    say('You are logged in as ' + me.value.name + '. Go on only if you have just asked for this yourself.');
    at('code').value = location.hash.slice(1);
    show('approve');
    return;
  }
  show('login');
  const ways = await ask('GET', '/v1/login');
  if (!ways.ok) return complain(ways);
  at('providers').replaceChildren(...ways.value.providers.map(({ name, title }) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Log in with ' + title;
    button.addEventListener('click', async () => {
      const begun = await ask('POST', '/v1/login/providers/' + name, { returnTo: here() });
      if (begun.ok) location.assign(begun.value.url); else complain(begun);
    });
    return button;
  }));
}
at('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = { name: at('name').value, password: at('password').value };
  if (at('factor').value !== '') body.code = at('factor').value;
  const reply = await ask('POST', '/v1/login', body);
  if (reply.ok) return begin();
  if (reply.value.code === 'second-factor-required') at('second').hidden = false;
  complain(reply);
});
at('code').addEventListener('input', () => { found = null; at('go').textContent = 'Look it up'; });
at('approve').addEventListener('submit', async (event) => {
  event.preventDefault();
  const path = '/v1/device-logins/' + encodeURIComponent(at('code').value.trim());
  if (found === null) {
    const reply = await ask('GET', path);
    if (!reply.ok) return complain(reply);
    found = reply.value;
    say('"' + found.clientName + '" asks from ' + found.address + ', since ' + new Date(found.createdAt).toLocaleTimeString() + '. It will be able to do all that you may, for 30 days.');
    at('go').textContent = 'Let it in as me';
    return;
  }
  const reply = await ask('POST', path + '/approve', {});
  if (!reply.ok) return complain(reply);
  at('approve').hidden = true;
  say('Done. The program is logged in; this page can be closed.');
});
begin();
`,
  );
}
