import { type Page, pageOf } from './page.ts';

/**
 * The page of a set-up link, `/setup#CODE`. The code stands behind the hash, which browsers never send, so it is in no
 * log; looking at the link does not use it up.
 */
export function setupPage(): Page {
  return pageOf(
    'Longshore: set-up',
    `<h1>Longshore</h1>
<p id="text" role="status">This link makes the first administrator, once.</p>
<form id="account">
<p><label>Name to log in with<br><input id="name" autocomplete="username" required minlength="2" maxlength="64"></label></p>
<p><label>Your name<br><input id="displayName" autocomplete="name" required maxlength="100"></label></p>
<p><label>Password, at least 12 characters<br><input id="password" type="password" autocomplete="new-password" required minlength="12" maxlength="256"></label></p>
<p><button>Make the account</button></p>
</form>
<p id="other" class="dim">For the command line alone: <button id="make" type="button">Make a token instead</button></p>
<p><input id="token" readonly hidden aria-label="Token"></p>
<noscript><p>Without JavaScript: <code>curl -d '{"code":"CODE"}' -H 'content-type: application/json' …/v1/setup</code>, where CODE is what follows # in the link.</p></noscript>`,
    `
const at = (id) => document.getElementById(id);
const code = () => location.hash.slice(1) || '-';
async function ask(path, body) {
  const buttons = document.querySelectorAll('button');
  for (const button of buttons) button.disabled = true;
  try {
    const reply = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-longshore-csrf': '1' },
      body: JSON.stringify(body),
    });
    const value = await reply.json();
    if (reply.ok) return value;
    const fields = (value.fields || []).map((field) => field.path + ': ' + field.message).join('; ');
    at('text').textContent = [value.detail, fields, value.hint || ''].filter((part) => part !== '').join(' ');
  } catch (error) {
    at('text').textContent = 'The server cannot be reached: ' + error.message;
  }
  for (const button of buttons) button.disabled = false;
  return null;
}
at('account').addEventListener('submit', async (event) => {
  event.preventDefault();
  const account = { name: at('name').value, displayName: at('displayName').value, password: at('password').value };
  if (await ask('/v1/setup/account', { code: code(), ...account })) location.replace('/ui/');
});
at('make').addEventListener('click', async () => {
  const value = await ask('/v1/setup', { code: code() });
  if (value === null) return;
  at('text').textContent = 'This is the token of "' + value.name + '". Keep it now: it is not shown again.';
  at('account').hidden = true;
  at('other').hidden = true;
  at('token').value = value.secret;
  at('token').hidden = false;
  at('token').select();
});
`,
  );
}
